"""The list of customers, and the page of each."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from dashboard.accounts.before import CALLS, left_open, with_words
from dashboard.accounts.forms import CustomerForm
from dashboard.accounts.queries import (
    calls_for,
    contacts_of,
    get_account_for,
    perhaps_of,
    rows_of,
)
from dashboard.accounts.rising import EARLIER, risen
from dashboard.accounts.trend import line_of, trend_of
from dashboard.call.manage import run_by
from dashboard.library.rows import Row
from dashboard.queries import meetings_for, page_of
from meetings.events import announce
from meetings.models import Account
from meetings.models.account import is_manager, name_key
from meetings.models.names import one_line
from meetings.requests import AuthenticatedRequest

PER_PAGE = 50
CALLS_PER_PAGE = 20


@login_required
@require_safe
def accounts(request: AuthenticatedRequest) -> HttpResponse:
    """``?q=``: those whose names have it."""
    wanted = one_line(request.GET.get("q", ""))[:200]
    found = Account.objects.visible_to(request.user)
    if wanted:
        found = found.filter(key__contains=name_key(wanted))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": rows_of(list(page), request.user),
        "wanted": wanted,
        "is_manager": is_manager(request.user),
    }
    return render(request, "dashboard/accounts/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    return _form(request, Account())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    account = get_account_for(request.user, pk)
    if not account.may_be_changed_by(request.user):
        raise PermissionDenied
    return _form(request, account)


def _form(request: AuthenticatedRequest, account: Account) -> HttpResponse:
    title = account.name if account.pk else "New customer"
    form = CustomerForm(request.POST or None, instance=account)
    if form.is_valid():
        try:
            return redirect("account", form.keep(request.user).pk)
        except IntegrityError:  # somebody else wrote the same name, or domain, just now
            form.add_error(None, "Somebody was quicker. Look, and save it again.")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "account": account, "title": title}
    return render(request, "dashboard/accounts/form.html", context, status=status)


@login_required
@require_safe
def account(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    shown = get_account_for(request.user, pk)
    held = calls_for(request.user).filter(account=shown)
    people = contacts_of(held)
    months = trend_of(held)
    context = {
        "account": shown,
        "domains": shown.domains.all(),
        "may_change": shown.may_be_changed_by(request.user),
        "people": people,
        "months": months,
        "line": line_of(months),
        "perhaps": perhaps_of(shown, [one.name for one in people], request.user),
        **_calls(request, shown),
    }
    return render(request, "dashboard/accounts/account.html", context)


def _calls(request: AuthenticatedRequest, shown: Account) -> dict[str, Any]:
    found = meetings_for(request.user).filter(account=shown)
    page = page_of(found, request.GET.get("page", 1), CALLS_PER_PAGE)
    rows = [Row(call, request.user) for call in page]
    return {"page": page, "rows": rows, "moves": any(row.moves for row in rows)}


@login_required
@require_safe
def calls(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """``?page=N``: the rows of a page of its calls, for who has it open."""
    shown = get_account_for(request.user, pk)
    return render(request, "dashboard/_rows.html", _calls(request, shown))


@login_required
@require_safe
def before(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What the last calls left open, and what comes up more often in them: a part of
    the account's page, fetched after it."""
    shown = get_account_for(request.user, pk)
    held = with_words(calls_for(request.user).filter(account=shown))
    calls = list(held[: CALLS + EARLIER])
    context = {
        "account": shown,
        "calls": [left_open(call) for call in calls[:CALLS]],
        "risen": risen(calls, request.user),
    }
    return render(request, "dashboard/accounts/_before.html", context)


@login_required
@require_POST
def file(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """``account=5``: whose the call is; nobody's without a number. Back to ``back``'s
    page, or to the call."""
    meeting = run_by(request, code)
    wanted, back = request.POST.get("account", ""), request.POST.get("back", "")
    meeting.account = _chosen(request, wanted) if wanted else None
    meeting.save(update_fields=["account"])
    announce(meeting.pk, {"type": "meeting"})
    seen = Account.objects.visible_to(request.user)
    if back.isdecimal() and len(back) < 19 and seen.filter(pk=back).exists():
        return redirect("account", int(back))
    return redirect(meeting)


def _chosen(request: AuthenticatedRequest, pk: str) -> Account:
    number = int(pk) if pk.isdecimal() and len(pk) < 19 else -1
    return get_object_or_404(Account.objects.visible_to(request.user), pk=number)
