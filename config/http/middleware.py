"""Middleware of our own; async-capable, as every entry must be."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware

from meetings.rooms.orders import NotDone

NOT_DONE = "The call does not answer: it may not have changed yet. Try again."

log = structlog.get_logger(__name__)

POLICY = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"


@sync_and_async_middleware
def page_headers(get_response: Callable[[HttpRequest], Any]) -> Any:
    """Only our own pages may ask for microphone, camera and screen; nothing is kept."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            awaiting: Awaitable[HttpResponseBase] = get_response(request)
            return _with_headers(await awaiting)

        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _with_headers(get_response(request))

    return answer


def _with_headers(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Permissions-Policy"] = POLICY
    # What somebody said is on most pages: no proxy and no disk keeps a copy.
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


class Orders:
    """Says to who asked that a call did not do what was asked: never a 200 for it."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self._get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """503 for NotDone: JSON for scripts, a page for people."""
        if not isinstance(exception, NotDone):
            return None
        log.error("a call did not obey", path=request.path, why=repr(exception))
        if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
            answer: HttpResponseBase = render(
                request, "meetings/not_done.html", status=503
            )
        else:
            error = {"code": "not_done", "message": NOT_DONE}
            answer = JsonResponse({"error": error}, status=503)
        answer.headers["Retry-After"] = "2"
        return answer
