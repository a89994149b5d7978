"""What a lost network and a killed server cost of what somebody says: a real browser.

    python -m benchmarks.media_gaps --rounds 5
    python -m benchmarks.media --gaps 5

Somebody talks in a call of a site of its own. In each round their browser's network
stands still for some seconds, then the process that holds the call is killed (kill -9).
Printed, median and worst: how long after that the page was in the call again, how long
from there until no sound was missing any more (the browser hands in what it kept), how
much of the sound before the kill was in no file before that, and what is missing in the
end. Sound that was on its way when the process died counts as lost.
"""

import argparse
import os
import signal
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.fixture_model import FIXTURE_MODEL
from meetings.media.egress.manifest import RecordingManifest
from meetings.media.egress.missing import covered
from meetings.media.events import Segment
from meetings.media.spans import without
from tests.e2e.conftest import CALL, Browsers, Server, as_microphone, running_server
from tests.e2e.test_call import join, open_meeting, sign_in
from tests.e2e.test_kept_sound import no_network

AWAY = 10.0  # s without a network
BETWEEN = 5.0  # s in the call before the next trouble
PATIENCE = 60.0  # s for all to be well again
CLOSED = 100  # ms that may be missing of a gap that is closed: both its edges
LIVE = "[data-room][data-state=live]"
STARTED = "SELECT started_at FROM meetings_meeting WHERE code = ?"


@dataclass
class Figures:
    """ms by what they are, one of each round."""

    found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, milliseconds: float) -> None:
        self.found[name].append(milliseconds)

    def __str__(self) -> str:
        lines = [f"{'ms':<52}{'median':>8}{'worst':>8}{'rounds':>8}"]
        for name, values in self.found.items():
            told = f"{median(values):>8.0f}{max(values):>8.0f}{len(values):>8}"
            lines.append(f"{name:<52}{told}")
        return "\n".join(lines)


class Recording:
    """The one call of a site, as its folder has it."""

    def __init__(self, server: Server, code: str) -> None:
        data = Path(server.env["DATA_DIR"])
        database = f"file:{data}/db.sqlite3?mode=ro"
        with closing(sqlite3.connect(database, uri=True)) as connection:
            text = connection.execute(STARTED, [code]).fetchone()[0]
        self._zero = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        folders = (data / "recordings").iterdir()
        newest = max(folders, key=lambda path: int(path.name))
        self._manifest = RecordingManifest(newest)

    def now(self) -> int:
        """ms on the call's clock."""
        return round((time.time() - self._zero) * 1000)

    @property
    def segments(self) -> list[Segment]:
        return [s for s in self._manifest.load().values() if s.is_speech]

    def missing(self, begin: int, until: int) -> int:
        """ms of sound in that time that no file has."""
        holes = without([(begin, until)], covered(self.segments))
        return sum(end - start for start, end in holes)

    def end_of(self, id: str) -> int | None:
        """Where a file ends, once it is no longer open."""
        segment = self._manifest.load()[id]
        ended = segment.offset_ms + segment.duration_ms
        return None if segment.state == "open" else ended


def until(condition: Callable[[], bool], page: Page) -> float:
    """Seconds until it holds, at most PATIENCE."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE:
            return PATIENCE  # the figures say what is missing still
        page.wait_for_timeout(50)
    return time.monotonic() - began


def _is_live(page: Page) -> bool:
    return page.locator(LIVE).count() > 0


def _come_back(
    page: Page, call: Recording, figures: Figures, name: str, lost: int
) -> None:
    """The page is back, then the gap since `lost` is closed."""
    away = until(lambda: _is_live(page), page)
    figures.add(f"{name}: in the call again after", 1000 * away)
    back = call.now()
    closed = until(lambda: call.missing(lost, back) <= CLOSED, page)
    figures.add(f"{name}: the gap is closed, from then on", 1000 * closed)
    figures.add(f"{name}: missing of it in the end", call.missing(lost, back))


def cut_network(page: Page, profile: Path, call: Recording, figures: Figures) -> None:
    """One round."""
    lost = call.now()
    with no_network(profile):
        time.sleep(AWAY)  # Playwright's own line to the browser goes another way
    _come_back(page, call, figures, "network", lost)


def kill_server(page: Page, server: Server, call: Recording, figures: Figures) -> None:
    """One round."""
    (file,) = [s for s in call.segments if s.state == "open"]
    os.kill(server.pid_of("calls"), signal.SIGKILL)
    killed = call.now()
    until(lambda: not _is_live(page), page)
    _come_back(page, call, figures, "kill -9", killed - 1000)
    until(lambda: call.end_of(file.id) is not None, page)
    lost = killed - (call.end_of(file.id) or 0)
    figures.add("kill -9: sound lost before it is handed in", max(0, lost))


def run(rounds: int) -> Figures:
    """Rounds of both in one call."""
    figures = Figures()
    with (
        tempfile.TemporaryDirectory() as name,
        running_server(Path(name) / "site", str(FIXTURE_MODEL)) as server,
        sync_playwright() as playwright,
        Browsers(playwright, Path(name)) as browse,
    ):
        server.wait_idle()
        sound = as_microphone(CALL / "anna.ogg", Path(name) / "anna.wav")
        page = sign_in(browse(sound), server)
        code = open_meeting(page)
        join(page, "Record me")
        expect(page.locator(LIVE)).to_be_visible(timeout=30_000)
        page.wait_for_timeout(1000 * BETWEEN)
        call = Recording(server, code)
        for _ in range(rounds):
            cut_network(page, browse.profile, call, figures)
            page.wait_for_timeout(1000 * BETWEEN)
            kill_server(page, server, call, figures)
            page.wait_for_timeout(1000 * BETWEEN)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    print(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
