"""Middleware of our own; async-capable, as every entry must be."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

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
