"""Filters and ranges as conditions on rows: of a turn, and of its call."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from math import inf
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from dashboard.models import Hit, SavedSearch, StoredFigure
from meetings.models import Account, ConsentChoice, Meeting, Participant

from .asker import Asker
from .keys import MEASURES
from .labels import is_named, named
from .query import Filter, Range
from .values import stretch

SIDES = {"us": "us", "customer": "them", "them": "them"}
NOTHING = Q(pk__in=[])


def one_of(conditions: Iterable[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found or NOTHING


def of_turn(filter: Filter, asker: Asker) -> Q:
    """A condition on turns."""
    values = filter.values
    if filter.key == "by":
        return one_of(_said_by(value, asker) for value in values)
    if filter.key == "side":
        return Q(participant__side__in=values)
    if filter.key == "in":
        return one_of(map(_said_in, values))
    if filter.key == "has":
        return one_of(Q(**{value: True}) for value in values)
    if filter.key == "tracker":
        return _tracked(values, asker)
    assert filter.key == "lang"
    return one_of(
        Q(language=value) | Q(language__startswith=f"{value}-") for value in values
    )


def _tracked(names: Iterable[str], asker: Asker) -> Q:
    """Turns with hits of trackers that ``asker`` may see."""
    trackers = SavedSearch.objects.visible_to(asker.user).tracked()
    meant = [one.pk for one in trackers if is_named(one.name, names)]
    hits = Hit.objects.visible_to(asker.user).filter(search__in=meant)
    return Q(pk__in=hits.order_by().values("turn"))


def _said_by(value: str, asker: Asker) -> Q:
    if side := SIDES.get(value.casefold()):
        return Q(participant__side=side)
    if value.casefold() == "me":
        return Q(participant__user=asker.user.pk)
    if "@" in value:
        return Q(participant__user__email__iexact=value)
    return Q(participant__in=named(value).values("participant"))


def _said_in(value: str) -> Q:
    part = stretch(value)
    assert part
    over, length = Q(meeting__duration_ms__gt=0), F("meeting__duration_ms")
    if not (part.share or part.from_end):
        return Q(start_ms__gte=part.low, start_ms__lt=part.high)
    if not part.share:
        return over & Q(start_ms__gte=length - part.high, start_ms__lte=length)
    if part.from_end:
        begin = length * (1 - part.high / 100)
        return over & Q(start_ms__gte=begin, start_ms__lte=length)
    return over & Q(start_ms__lt=length * (part.high / 100))


def of_call(term: Filter | Range, asker: Asker, of_owner: bool, call: str = "") -> Q:
    """A condition on calls; on turns with ``call`` "meeting__". ``of_owner``: ranges
    ask for figures of the owner, where a person has them."""
    if isinstance(term, Range):
        return _in_range(term, of_owner, call)
    condition = CALLS[term.key]
    return one_of(condition(value, asker, call) for value in term.values)


def _account(field: str) -> Callable[[str, Asker, str], Q]:
    def condition(value: str, asker: Asker, call: str) -> Q:
        [accounts] = accounts_named([value], field)
        return _is(call, account__in=accounts)

    return condition


def accounts_named(values: Iterable[str], field: str = "name") -> list[list[int]]:
    """For each of ``values`` the ids of accounts whose name, stage or deal it means."""
    rows = Account.objects.order_by().exclude(**{field: ""}).values_list("pk", field)
    known = list(rows)
    return [[pk for pk, text in known if is_named(text, [value])] for value in values]


def _owner(value: str, asker: Asker, call: str) -> Q:
    if value.casefold() == "me":
        return _is(call, owner=asker.user.pk)
    return _is(call, owner__in=list(_colleagues(value)))


def _colleagues(value: str) -> Iterator[int]:
    for user in User.objects.all():
        name = f"{user.get_full_name()} {user.get_username()}"
        if user.email.casefold() == value.casefold() or is_named(name, [value]):
            yield user.pk


def _team(value: str, asker: Asker, call: str) -> Q:
    teams = [team.pk for team in Group.objects.all() if is_named(team.name, [value])]
    return _is(call, owner__in=User.objects.filter(groups__in=teams).values("pk"))


def _with(value: str, asker: Asker, call: str) -> Q:
    people = Participant.objects.order_by()
    if value.casefold() == "me":
        seats = people.filter(user=asker.user.pk)
    elif "@" in value:
        seats = people.filter(user__email__iexact=value)
    else:
        labels = named(value).exclude(participant=None)
        return _is(call, pk__in=labels.values("meeting"))
    return _is(call, pk__in=seats.values("meeting"))


def _title(value: str, asker: Asker, call: str) -> Q:
    titles = named(value).filter(participant=None)
    return _is(call, pk__in=titles.values("meeting"))


def _since(value: str, asker: Asker, call: str) -> Q:
    span = asker.span(value)
    return _began(call, since=span[0]) if span else NOTHING


def _until(value: str, asker: Asker, call: str) -> Q:
    span = asker.span(value)
    return _began(call, before=span[1]) if span else NOTHING


def _on(value: str, asker: Asker, call: str) -> Q:
    return _since(value, asker, call) & _until(value, asker, call)


def _began(
    call: str, since: datetime | None = None, before: datetime | None = None
) -> Q:
    """A call over midnight belongs to the day on which it began."""
    began = Coalesce(F(f"{call}started_at"), F(f"{call}created_at"))
    if since:
        return Q(GreaterThanOrEqual(began, since))
    return Q(LessThan(began, before))


def _state(value: str, asker: Asker, call: str) -> Q:
    if value == "live":
        return _is(call, state=Meeting.State.LIVE)
    if value == "private":
        return _is(call, visibility=Meeting.Visibility.PRIVATE)
    if value == "imported":
        choices = ConsentChoice.objects.filter(way=ConsentChoice.Way.IMPORTED)
        came = choices.order_by().values("participant__meeting")
        return _is(call, pk__in=came) | _is(call, state=Meeting.State.IMPORTING)
    sides = Participant.objects.order_by().values("meeting")
    ours, theirs = sides.filter(side="us"), sides.filter(side="them")
    return _is(call, pk__in=ours) & ~_is(call, pk__in=theirs)


CALLS: dict[str, Callable[[str, Asker, str], Q]] = {
    "account": _account("name"),
    "deal": _account("deal"),
    "stage": _account("stage"),
    "owner": _owner,
    "team": _team,
    "with": _with,
    "title": _title,
    "id": lambda value, asker, call: _is(call, code=value.casefold()),
    "from": _since,
    "to": _until,
    "on": _on,
    "is": _state,
}


def _in_range(range: Range, of_owner: bool, call: str) -> Q:
    measure = MEASURES[range.figure]
    if range.figure == "length":
        over = _is(call, duration_ms__gt=0)
        return over & _is(call, **_bounds("duration_ms", range, 1000))
    if range.figure == "people":
        people = Participant.objects.order_by().values("meeting")
        many = people.annotate(people=Count("pk")).filter(**_bounds("people", range))
        return _is(call, pk__in=many.values("meeting"))
    figures = StoredFigure.objects.order_by().filter(**_bounds("value", range))
    if of_owner and measure.of_person:
        figures = figures.filter(
            figure=measure.of_person, participant__user=F("meeting__owner")
        )
    else:
        figures = figures.of_calls().filter(figure=measure.stored)
    return _is(call, pk__in=figures.values("meeting"))


def _bounds(column: str, range: Range, unit: int = 1) -> dict[str, float]:
    bounds = {}
    if range.low > -inf:
        bounds[f"{column}__gt{'e' * range.with_low}"] = range.low * unit
    if range.high < inf:
        bounds[f"{column}__lt{'e' * range.with_high}"] = range.high * unit
    return bounds


def _is(call: str, **conditions: Any) -> Q:
    return Q(**{f"{call}{name}": value for name, value in conditions.items()})
