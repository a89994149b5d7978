"""The brief on the page of a call, and what people do to its lines."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from dashboard.brief import copied, edits
from dashboard.brief.lines import FOUND, BriefEntry, found_by_trackers, lines_of
from dashboard.call.manage import done
from dashboard.call.transcript import anchor_of
from dashboard.llm.shown import written_of
from dashboard.models import BriefLine
from dashboard.models.brief import TEXT
from dashboard.stats.gather import timeline_of
from meetings.access import get_meeting_for
from meetings.events import announce
from meetings.models import Meeting
from meetings.requests import AuthenticatedRequest
from meetings.services import name_of
from meetings.times import clock

Section = BriefLine.Section
ADDED_TO = (Section.STEPS, Section.NOTES)  # by hand
MEANWHILE = "Somebody else has changed this line meanwhile. Look at it again."


class ShownLine(NamedTuple):
    """A line with what the template cannot work out."""

    line: BriefEntry
    anchor: str
    at: str
    editor: str


class ShownSection(NamedTuple):
    name: str
    label: str
    lines: list[ShownLine]
    may_add: bool
    removed: list[BriefLine]

    @property
    def taken_out(self) -> int:
        return len(self.removed)


@login_required
@require_safe
def brief(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What the panel of a call's page puts in; found anew in its lines."""
    return _shown(request, get_meeting_for(request.user, code))


@login_required
@require_POST
def change(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``do=add&section=steps&text=``, ``do=rewrite|tick|untick|remove&line=&version=``
    or ``do=restore&line=``; answers with the brief. 409 when somebody was quicker, 422
    with what is wrong."""
    meeting = get_meeting_for(request.user, code)
    if meeting.accepts_people:
        raise Http404
    try:
        _do(request, meeting)
    except edits.BadLine as error:
        return JsonResponse({"error": str(error)}, status=422)
    except edits.LineChangedMeanwhile:
        return JsonResponse({"error": MEANWHILE}, status=409)
    announce(meeting.pk, {"type": "brief"})
    if request.headers.get("HX-Request"):
        return _shown(request, meeting)
    return done(request, meeting)


def _do(request: AuthenticatedRequest, meeting: Meeting) -> None:
    given, by = request.POST, request.user
    match given.get("do", ""):
        case "add":
            edits.add(meeting, given.get("section", ""), given.get("text", ""), by)
        case "restore":
            edits.restore(_row(meeting, given.get("line", "")), by)
        case "rewrite":
            text = given.get("text", "")
            edits.rewrite(meeting, *_meant(request, meeting), text, by)
        case "tick" | "untick" as does:
            edits.tick(meeting, *_meant(request, meeting), does == "tick", by)
        case "remove":
            edits.remove(meeting, *_meant(request, meeting), by)
        case _:
            raise Http404


def _meant(request: AuthenticatedRequest, meeting: Meeting) -> tuple[BriefEntry, int]:
    """The line that a form names, as it stands now, and the version that it showed."""
    key, version = request.POST.get("line", ""), request.POST.get("version", "0")
    sections = lines_of(meeting, timeline_of(meeting))
    for lines in sections.values():
        for line in lines:
            if line.key == key:
                return line, int(version) if version.isdecimal() else 0
    raise edits.LineChangedMeanwhile


def _row(meeting: Meeting, key: str) -> BriefLine:
    pk = key.removeprefix("row-")
    rows = BriefLine.objects.filter(meeting=meeting, removed=True)
    row = rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 19 else None
    if row is None:
        raise Http404
    return row


def _shown(request: AuthenticatedRequest, meeting: Meeting) -> HttpResponse:
    timeline = timeline_of(meeting)
    sections = lines_of(meeting, timeline)
    removed = list(BriefLine.objects.filter(meeting=meeting, removed=True))
    hits = found_by_trackers(meeting, request.user)
    written = {**sections, FOUND: hits}
    context: dict[str, Any] = {
        "meeting": meeting,
        "sections": [_section(name, sections[name], removed) for name in sections],
        "hits": [_line(hit) for hit in hits],
        "some": any(written.values()),
        "text": copied.as_text(meeting, written),
        "markdown": copied.as_markdown(meeting, written),
        "html": copied.as_html(meeting, written),
        "spoken": any(speaker.sentences for speaker in timeline.speakers),
        "longest": TEXT,
        "written": written_of(meeting, request.user),
    }
    return render(request, "dashboard/_brief.html", context)


def _section(
    name: str, lines: list[BriefEntry], removed: list[BriefLine]
) -> ShownSection:
    gone = [row for row in removed if row.section == name]
    shown = [_line(line) for line in lines]
    return ShownSection(name, Section(name).label, shown, name in ADDED_TO, gone)


def _line(line: BriefEntry) -> ShownLine:
    there = line.start_ms is not None
    return ShownLine(
        line,
        anchor_of(line.start_ms or 0) if there else "",
        clock(line.start_ms or 0) if there else "",
        _editor(line.row) if line.row else "",
    )


def _editor(row: BriefLine) -> str:
    """Who changed a line last, for people."""
    return name_of(row.changed_by) if row.changed_by else "somebody who has left"
