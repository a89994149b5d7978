"""What a language model writes: asked for by a button, waited for by looking again."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.call.manage import done
from dashboard.llm import writing
from dashboard.llm.server import LanguageModel
from dashboard.llm.shown import answer_of, written_of
from dashboard.models import ModelDraft
from dashboard.search import asker_of, newest_turns
from meetings.access import get_meeting_for
from meetings.models.names import one_line
from meetings.requests import AuthenticatedRequest

LONGEST = 500  # characters of a question, and of a search


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def written(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What a model wrote of a call; POST asks for it anew. 404 where there is none."""
    meeting = get_meeting_for(request.user, code)
    server = _server()
    if meeting.accepts_people:
        raise Http404
    if request.method == "POST":
        writing.begin(meeting, request.user, server)
        if not request.headers.get("HX-Request"):
            return done(request, meeting)
    context = {"meeting": meeting, "written": written_of(meeting, request.user)}
    return render(request, "dashboard/_written.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: AuthenticatedRequest) -> HttpResponse:
    """``?q=budget``: a question about what that search finds; 422 without one."""
    server = _server()
    query = one_line(_given(request, "q"))[:LONGEST]
    question = one_line(_given(request, "question"))[:LONGEST]
    if request.method == "POST" and query and question:
        draft = writing.ask(question, query, request.user, server)
        return redirect("answer", draft.pk)
    context = {
        "query": query,
        "question": question,
        "server": server,
        "count": len(newest_turns(asker_of(request), query, writing.QUOTES + 1)),
        "most": writing.QUOTES,
        "longest": LONGEST,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dashboard/ask.html", context, status=status)


@login_required
@require_safe
def answer(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """For who asked; with HX-Request the part that is looked at again."""
    _server()
    mine = ModelDraft.objects.filter(meeting=None, asked_by=request.user)
    draft = get_object_or_404(mine, pk=pk)
    context: dict[str, Any] = {
        "draft": draft,
        "written": answer_of(draft, request.user),
    }
    inside = request.headers.get("HX-Request")
    template = "dashboard/_answer.html" if inside else "dashboard/answer.html"
    return render(request, template, context)


def _server() -> LanguageModel:
    server = LanguageModel.configured()
    if server is None:
        raise Http404
    return server


def _given(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name) or request.GET.get(name, ""))
