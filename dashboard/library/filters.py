"""Filters of the list and of the search: all of them are words of the query language,
and every link is a query."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from operator import eq
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from dashboard.search import Asker, Query, parse
from dashboard.search.normal import normal
from dashboard.search.query import All, Filter, QueryPhrase, Term
from meetings.models import Meeting, Participant

RECENT = 200  # calls whose people and customers are offered
OFFERED = 12

DATES = {
    "Today": "on:today",
    "Yesterday": "on:yesterday",
    "Last 7 days": "from:7d",
    "Last 30 days": "from:30d",
    "Last 90 days": "from:90d",
    "Last 12 months": "from:1y",
}
STATES = {
    "Imported": "is:imported",
    "Without a customer": "is:internal",
    "Private": "is:private",
    "Longer than 30 min": "length>30m",
    "Our side talks over 65 %": "talk>65",
}
WHOSE = {"All": "", "Mine": "owner:me", "Team": "-owner:me", "Live": "is:live"}


@dataclass(frozen=True)
class FilterChoice:
    label: str
    url: str
    chosen: bool = False


@dataclass(frozen=True)
class FilterMenu:
    label: str
    choices: list[FilterChoice]

    @property
    def chosen(self) -> bool:
        return any(choice.chosen for choice in self.choices)


def address(query: Query | str) -> str:
    """Where ``query`` is the one that is asked; the whole list without one."""
    text = str(query)
    return f"{reverse('home')}?{urlencode({'q': text})}" if text else reverse("home")


def chips(query: Query) -> list[FilterChoice]:
    """What is no word of a query, each with the address of the query without it."""
    return [
        FilterChoice(str(term), address(without(query, partial(eq, term))))
        for term in dict.fromkeys(_terms(query))
        if not isinstance(term, QueryPhrase)
    ]


def whose(query: Query) -> list[FilterChoice]:
    """All calls, mine, those of colleagues, or what goes on."""
    there = set(map(str, _terms(query)))
    rest = without(query, lambda term: str(term) in WHOSE.values())
    chosen = [label for label, text in WHOSE.items() if text in there] or ["All"]
    return [
        FilterChoice(label, address(_joined(rest, text)), label in chosen)
        for label, text in WHOSE.items()
    ]


def menus(asker: Asker, query: Query) -> list[FilterMenu]:
    """Two statements of their own, about the newest calls that ``asker`` may see."""
    recent = Meeting.objects.visible_to(asker.user).select_related(None)
    recent = recent.order_by(Coalesce("started_at", "created_at").desc())[:RECENT]
    calls = [meeting.pk for meeting in recent.only("pk")]
    people = Participant.objects.filter(meeting__in=calls, erased_at=None)
    people = people.exclude(user=asker.user.pk).order_by()
    customers = Meeting.objects.filter(pk__in=calls).exclude(account=None).order_by()
    found = [
        ("Person", "with", _offered(people.values_list("name", flat=True))),
        (
            "Customer",
            "account",
            _offered(customers.values_list("account__name", flat=True)),
        ),
    ]
    named = [
        _menu(query, label, {name: str(Filter(key, (name,))) for name in names})
        for label, key, names in found
    ]
    fixed = [_menu(query, "Date", DATES), _menu(query, "State", STATES)]
    return [menu for menu in (*named, *fixed) if menu.choices]


def _offered(names: "QuerySet[Meeting, str] | QuerySet[Participant, str]") -> list[str]:
    """The commonest names, as the value of a filter can say them, by alphabet."""
    counted = Counter(" ".join(name.replace('"', " ").split()) for name in names)
    sayable = (name for name, _ in counted.most_common() if normal(name))
    return sorted(islice(sayable, OFFERED), key=str.casefold)


def _menu(query: Query, label: str, texts: dict[str, str]) -> FilterMenu:
    there = set(map(str, _terms(query)))
    return FilterMenu(label, list(_choices(query, texts, there)))


def _choices(
    query: Query, texts: dict[str, str], there: set[str]
) -> Iterator[FilterChoice]:
    """Of each other choice of the menu at most one holds."""
    ours = {str(parse(text)) for text in texts.values()}
    rest = without(query, lambda term: str(term) in ours)
    for label, text in texts.items():
        chosen = str(parse(text)) in there
        yield FilterChoice(
            label, address(rest if chosen else _joined(rest, text)), chosen
        )


def without(query: Query, goes: Callable[[Term], bool]) -> Query:
    """``query`` without the terms that ``goes`` is true of."""
    groups = (tuple(t for t in group.terms if not goes(t)) for group in query.groups)
    return Query(tuple(All(terms) for terms in groups if terms))


def _joined(query: Query, text: str) -> Query:
    """``query`` of which ``text`` is true, too."""
    added = [term for group in parse(text).groups for term in group.terms]
    first, *others = query.groups or (All(()),)
    terms = tuple(dict.fromkeys((*first.terms, *added)))
    groups = (replace(first, terms=terms), *others)
    return Query(tuple(group for group in groups if group.terms))


def _terms(query: Query) -> Iterable[Term]:
    return (term for group in query.groups for term in group.terms)
