"""Health for load balancers: /livez while the loop answers, /readyz for new calls."""

import threading
from collections.abc import Callable

import django_rq
import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from config.health.readiness import GOOD, NO_CAPTIONS
from meetings.rooms import nodes

log = structlog.get_logger(__name__)

draining = threading.Event()  # set when the process is about to stop


async def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when a call can start here and now, else 503; each part's state in JSON.

    A model that cannot be had is no reason to refuse calls: they are recorded.
    """
    parts = {name: _state(check) for name, check in CHECKS.items()}
    ready = all(state in GOOD for state in parts.values())
    answer = JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)
    # Django logs each 5xx as an error; who asks several times a second knows already.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:
        # The reason is for the log: it may name hosts and accounts.
        log.warning("not ready", check=check.__name__, error=str(error))
        return "failed"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _redis() -> str:
    django_rq.get_connection("default").ping()
    return "ok"


def _calls() -> str:
    if draining.is_set():
        return "stopping"
    calls = nodes.best("calls")
    return "ok" if calls and calls["ok"] else "not started"


def _model() -> str:
    status = nodes.best("model")
    if status is None:
        return "not started"
    if fallen := status["fallen"]:
        raise RuntimeError(f"threads of the engine ended: {', '.join(fallen)}")
    if status["ready"]:
        return "ok"
    missing = status["problem"] or status["fetched"] is not None
    return NO_CAPTIONS if missing else "loading"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "calls": _calls,
    "model": _model,
}
