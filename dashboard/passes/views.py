"""Hearing calls again, and what that changed."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from dashboard.call.manage import run_by
from dashboard.call.transcript import anchor_of
from dashboard.passes.comparing import Pair, PassLine, compare
from dashboard.passes.forms import HearingForm
from dashboard.search import asker_of, found_calls, parse
from meetings.access import get_meeting_for
from meetings.models import Meeting, Participant
from meetings.requests import AuthenticatedRequest
from transcription import hearing_again
from transcription.models import EarlierLine, HearingAgain, Utterance

PER_PAGE = 100  # changed lines
SHOWN = 20  # orders
ONE_AT_A_TIME = "Calls are heard again for you already. Wait for that, or cancel it."
NONE = "No call with sound is among them."


@dataclass(frozen=True)
class ShownPair:
    """A pair, and what its row says besides."""

    pair: Pair
    speaker: Participant | None

    @property
    def anchor(self) -> str:
        return anchor_of(self.pair.first.start_ms)

    @property
    def start_ms(self) -> int:
        return self.pair.first.start_ms


@login_required
@require_safe
def passes(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What the newest pass changed, side by side; ``?all``: with what it did not."""
    meeting = get_meeting_for(request.user, code)
    pairs = compare(_lines(EarlierLine, meeting), _lines(Utterance, meeting))
    changed = [pair for pair in pairs if pair.is_changed]
    shown = pairs if "all" in request.GET else changed
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    people = {person.pk: person for person in meeting.people}
    context = {
        "meeting": meeting,
        "page": page,
        "rows": [ShownPair(pair, people.get(pair.first.person)) for pair in page],
        "everything": "all" in request.GET,
        "models": (_models(EarlierLine, meeting), _models(Utterance, meeting)),
        "has_earlier": EarlierLine.objects.filter(meeting=meeting).exists(),
        "days": hearing_again.KEPT.days,
        "may_run": meeting.may_be_run_by(request.user),
        **_counts(pairs, changed),
    }
    return render(request, "dashboard/passes.html", context)


def _lines(model: Any, meeting: Meeting) -> list[PassLine]:
    columns = ("participant_id", "start_ms", "end_ms", "text")
    rows = model.objects.filter(meeting=meeting).values_list(*columns)
    return [PassLine(*row) for row in rows]


def _models(model: Any, meeting: Meeting) -> str:
    """Which models heard it, the one that heard most lines first."""
    rows = model.objects.filter(meeting=meeting).order_by().values("model")
    told = rows.annotate(count=Count("pk")).order_by("-count")
    return ", ".join(row["model"] or "not known" for row in told)


def _counts(pairs: list[Pair], changed: list[Pair]) -> dict[str, int]:
    return {
        "changed": len(changed),
        "same": len(pairs) - len(changed),
        "gone": sum(pair.gone for pair in pairs),
        "come": sum(pair.come for pair in pairs),
        "words": sum(pair.same + pair.gone for pair in pairs),
    }


@login_required
@require_POST
def hear_one(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Have a call heard again: its owner may, as all that changes it."""
    meeting = run_by(request, code)
    found = Meeting.objects.filter(pk=meeting.pk)
    if not hearing_again.with_sound(found).exists():
        raise Http404
    hearing_again.one(meeting)
    return redirect(meeting)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hearings(request: AuthenticatedRequest) -> HttpResponse:
    """What is heard again, and the form for more; ``?q=`` fills in a search."""
    query = request.GET.get("q", "").strip()[:500]
    first = {"which": "search" if query else "mine", "query": query}
    sent = request.POST if request.method == "POST" else None
    form = HearingForm(sent, initial=first, user=request.user)
    if form.is_valid() and _begun(request, form):
        return redirect("hearings")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, **_listed(request)}
    return render(request, "dashboard/hearings.html", context, status=status)


def _begun(request: AuthenticatedRequest, form: HearingForm) -> bool:
    unfinished = _of(request).filter(state__in=HearingAgain.UNFINISHED)
    calls = hearing_again.with_sound(_chosen(request, form.cleaned_data))
    if unfinished.exists():
        form.add_error(None, ONE_AT_A_TIME)
    elif not calls.exists():
        form.add_error(None, NONE)
    else:
        ids = calls.values_list("pk", flat=True)
        hearing_again.many(ids, form.told, request.user.pk)
    return not form.errors


def _chosen(request: AuthenticatedRequest, asked: dict[str, Any]) -> QuerySet[Meeting]:
    """Calls that the visitor runs."""
    seen = Meeting.objects.visible_to(request.user)
    if not request.user.is_superuser or asked["which"] == "mine":
        seen = seen.filter(owner=request.user)
    if asked["which"] == "search":
        found = found_calls(asker_of(request), parse(asked["query"]))
        seen = seen.filter(pk__in=found)
    return seen


@login_required
@require_safe
def rows(request: AuthenticatedRequest) -> HttpResponse:
    """The list alone, for who has the page open."""
    return render(request, "dashboard/_hearings.html", _listed(request))


def _of(request: AuthenticatedRequest) -> QuerySet[HearingAgain]:
    """A superuser sees all: they slow each other down."""
    everyones = Q() if request.user.is_superuser else Q(by=request.user)
    return HearingAgain.objects.filter(everyones)


def _listed(request: AuthenticatedRequest) -> dict[str, Any]:
    done = Count("calls", filter=Q(calls__done_at__isnull=False))
    failed = Count("calls", filter=Q(calls__failed=True))
    found = _of(request).annotate(total=Count("calls"), done=done, failures=failed)
    shown = list(found[:SHOWN])
    going = [row.pk for row in shown if row.is_unfinished]
    work = {
        call.hearing_id: call
        for call in hearing_again.at_work(going)
        .select_related("meeting", "job")
        .prefetch_related("meeting__participants")
    }
    for row in shown:
        row.call = work.get(row.pk)  # type: ignore[attr-defined]
    return {"hearings": shown, "moves": any(row.state == "going" for row in shown)}


@login_required
@require_POST
def change(request: AuthenticatedRequest, pk: int, how: str) -> HttpResponse:
    """``pause``, ``go-on`` or ``cancel``."""
    ways = {
        "pause": hearing_again.pause,
        "go-on": hearing_again.go_on,
        "cancel": hearing_again.cancel,
    }
    if how not in ways:
        raise Http404
    ways[how](get_object_or_404(_of(request), pk=pk))
    return redirect("hearings")
