"""Customers come in as a table, and go out as one."""

import csv
from io import StringIO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.accounts import sheet
from dashboard.accounts.table import UnreadableTable, decoded
from dashboard.exports.figures import cell
from meetings.models import Account
from meetings.models.account import is_manager
from meetings.requests import AuthenticatedRequest

SHOWN = 100  # lines that the page lists of each kind
HEADING = ("name", "domain", "stage", "deal", "amount", "currency")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: AuthenticatedRequest) -> HttpResponse:
    """A file says what it would do; ``text`` with ``apply`` does it. For managers."""
    if not is_manager(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request)
    try:
        text = _text(request)
        if "apply" in request.POST:
            return _apply(request, text)
        return _page(request, text=text, plan=sheet.planned(text))
    except UnreadableTable as reason:
        return _page(request, 422, problem=str(reason))


def _text(request: AuthenticatedRequest) -> str:
    """Raises UnreadableTable."""
    file = request.FILES.get("file")
    if file is not None:
        return decoded(file.read())
    text: str = request.POST.get("text", "")
    if not text:
        raise UnreadableTable("Choose a file.")
    return text


def _apply(request: AuthenticatedRequest, text: str) -> HttpResponse:
    try:
        plan = sheet.apply(text, request.user)
    except IntegrityError:
        raise UnreadableTable(
            "Somebody changed customers just now. Try again."
        ) from None
    done = f"{len(plan.new)} customers are new, {len(plan.changed)} are changed."
    left = f" {len(plan.errors)} lines were left out." if plan.errors else ""
    messages.success(request, done + left)
    return redirect("accounts")


def _page(
    request: AuthenticatedRequest, status: int = 200, **told: object
) -> HttpResponse:
    context = {"shown": SHOWN, "heading": HEADING, **told}
    return render(request, "dashboard/accounts/table.html", context, status=status)


@login_required
@require_safe
def download(request: AuthenticatedRequest) -> HttpResponse:
    """Customers that one may see, as the table that can be handed in again."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADING)
    seen = Account.objects.visible_to(request.user).prefetch_related("domains")
    for one in seen:
        domains = " ".join(row.domain for row in one.domains.all())
        row = (one.name, domains, one.stage, one.deal, one.amount, one.currency)
        writer.writerow([cell(value) for value in row])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="customers.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer
