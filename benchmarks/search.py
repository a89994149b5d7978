"""How quickly a query answers in a full workspace: p50 and p95 of each, and its plans.

    python -m benchmarks.search                200,000 utterances on SQLite
    python -m benchmarks.search --postgres     2 million on a throw-away PostgreSQL
    python -m benchmarks.search --utterances 50000 --plans

The calls are made up (dashboard/demo_data), of 200 utterances each. A fifth is private:
who searches is no admin, and sees what is his and his team's. One run of a query is all
that the page of results reads of the database. DATABASE_URL may name a PostgreSQL to
fill; what is there already is used again.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
LINES = 200  # of a call
RUNS = 15
UTTERANCES = {"sqlite": 200_000, "postgres": 2_000_000}

# {word}: a rare word, another one in each run
QUERIES = (
    "budget",
    "{word}",
    "{word} | budget",
    "nothingofthekind",
    "price euros",
    '"not in the budget"',
    '"not in the budget" | proposal by:customer in:first10m account:sample -manager',
    "enc*",
    "the",
    "budget -year",
    "budget by:customer in:last20%",
    'price account:"sample foods" from:90d',
    "budget on:yesterday",
    "{word} + budget",
    'budget + "next week" by:customer',
    "price + -discount",
    "price + -(budget in:last20%)",
    "has:question side:them from:90d",
    'has:commitment with:"ines sample"',
    "budget by:ines",
    "budget talk>65 owner:me",
    "talk>65 owner:me from:30d",
    "account:sample -budget",
    "is:internal",
    "discovery sample foods",
)


def main() -> None:
    options = _options()
    kind = "postgres" if options.postgres else "sqlite"
    count = options.utterances or UTTERANCES[kind]
    with ExitStack() as ground:
        _prepare(ground, kind, options.data)
        from benchmarks import search_site

        asker = search_site.fill(count, LINES)
        print(search_site.described(), flush=True)
        times = [
            _measure(query, lambda text: search_site.ask(asker, text))
            for query in QUERIES
        ]
        times.append(_measure("(the list)", lambda text: search_site.home(asker)))
        _print_summary(times)
        if options.plans:
            for query in QUERIES:
                search_site.print_plans(asker, _texts(query, 1)[0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--utterances", type=int)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--data", type=Path, help="kept there, and used again")
    return parser.parse_args()


def _prepare(ground: ExitStack, kind: str, data: Path | None) -> None:
    """Django on an empty database, or on that of ``data``."""
    folder = data or Path(ground.enter_context(tempfile.TemporaryDirectory()))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if kind == "postgres" and "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = _postgres(ground, folder)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _postgres(ground: ExitStack, folder: Path) -> str:
    """A cluster with an empty database, and its address."""
    import psycopg

    from tests.services import postgres

    folder.chmod(0o755)
    url = ground.enter_context(postgres(folder))
    with psycopg.connect(url.replace("/earshot?", "/postgres?"), autocommit=True) as at:
        at.execute("CREATE DATABASE earshot")
    return url


def _texts(query: str, count: int) -> list[str]:
    from dashboard.demo_data.speech import rare_words

    words: Iterator[str] = islice(rare_words(), 10, 10 + 97 * count, 97)
    return [query.format(word=word) for word in words]


def _measure(query: str, ask: Callable[[str], Any]) -> tuple[str, list[float]]:
    """Milliseconds of RUNS runs, after one that nobody counts."""
    texts = _texts(query, RUNS + 1)
    found, times, own = ask(texts[0]), [], time.process_time()
    for text in texts[1:]:
        since = time.perf_counter()
        ask(text)
        times.append(1000 * (time.perf_counter() - since))
    cpu = 1000 * (time.process_time() - own) / RUNS
    figures = f"{median(times):7.1f} {_p95(times):7.1f} {cpu:7.1f}"
    print(f"{figures} {found:>7}  {query}", flush=True)
    return query, times


def _print_summary(times: list[tuple[str, list[float]]]) -> None:
    every = [one for _, some in times for one in some]
    print(f"{median(every):7.1f} {_p95(every):7.1f} ms   p50 and p95 of all runs")


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1) + 0.5)]


if __name__ == "__main__":
    main()
