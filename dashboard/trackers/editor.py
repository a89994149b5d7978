"""The editor of a tracker, with its preview."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.models import SavedSearch
from meetings.requests import AuthenticatedRequest

from . import saving
from .finding import Finder, PhraseFinder
from .forms import NameForm, QueryForm, WantedForm, initial_of
from .queries import finder_of
from .shown import PREVIEW_DAYS, preview
from .views import TOO_MANY, search_for
from .wanted import written


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    name, wanted = NameForm(request.POST or None), WantedForm(request.POST or None)
    if request.method == "POST" and name.is_valid() & wanted.is_valid():
        form = written(wanted.wanted)
        try:
            values = {**name.cleaned_data, "form": form, "tracked": True}
            return redirect(saving.add(request.user, **values))
        except saving.TooManySearches:
            name.add_error(None, TOO_MANY)
    return _page(request, {"name_form": name, "form": wanted, "owned": True})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Save over the edit that the page was opened with; 409 if it is not the last."""
    search = search_for(request, pk)
    owned = search.is_owned_by(request.user)
    name, form = _forms(request, search)
    if not owned:
        del name.fields["shared"]
    context = {"search": search, "name_form": name, "owned": owned, "edit": search.edit}
    context["query_form" if search.query else "form"] = form
    if request.method != "POST" or not (name.is_valid() & form.is_valid()):
        return _page(request, context)
    values = {**name.cleaned_data, **_values(form)}
    try:
        saved = saving.change(search, request.user, _edit(request), values)
    except SavedSearch.DoesNotExist:
        raise Http404 from None
    except saving.ChangedMeanwhile as changed:
        context |= {"changed": changed.row, "edit": changed.row.edit}
        return _page(request, context, status=409)
    messages.success(request, f"“{saved.name}” is saved.")
    return redirect(saved if saved.tracked else "trackers")


@login_required
@require_POST
def show_preview(request: AuthenticatedRequest) -> HttpResponse:
    """Hits of the form as it is now, in the last days; else what is wrong with it."""
    form = QueryForm(request.POST) if "query" in request.POST else None
    wanted = WantedForm(request.POST)
    context: dict[str, Any] = {"days": PREVIEW_DAYS, "form": form or wanted}
    if form and form.is_valid():
        finder: Finder = finder_of(form.cleaned_data["query"], request.user)
        context["preview"] = preview(request.user, finder)
    elif not form and wanted.is_valid():
        context["preview"] = preview(request.user, PhraseFinder(wanted.wanted))
    return render(request, "dashboard/trackers/_preview.html", context)


def _forms(
    request: AuthenticatedRequest, search: SavedSearch
) -> tuple[NameForm, WantedForm | QueryForm]:
    data = request.POST if request.method == "POST" else None
    row = SavedSearch(name=search.name, colour=search.colour, shared=search.shared)
    name = NameForm(data, instance=row)
    if search.query:
        kept = {"query": search.query, "tracked": search.tracked}
        return name, QueryForm(data, initial=kept)
    return name, WantedForm(data, initial=initial_of(search.form))


def _values(form: WantedForm | QueryForm) -> dict[str, Any]:
    if isinstance(form, QueryForm):
        return form.cleaned_data
    return {"form": written(form.wanted)}


def _edit(request: AuthenticatedRequest) -> int:
    text = request.POST.get("edit", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _page(
    request: AuthenticatedRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    if request.method == "POST" and status == 200:
        status = 422
    return render(request, "dashboard/trackers/editor.html", context, status=status)
