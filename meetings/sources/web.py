"""/whip/ and /whep/ over HTTP: no page, no session, no cookie."""

from typing import Any

import structlog
from django.db import Error as DatabaseError
from redis.exceptions import RedisError

from meetings.media.errors import MediaError
from meetings.media.ingress.whip import (
    HTTPRequest,
    HTTPResponse,
    WHIPHandler,
    headers_of,
    refusal,
)
from meetings.rooms.leases import Fenced
from meetings.sources import streams

log = structlog.get_logger(__name__)

PREFIXES = ("/whip/", "/whep/")
MOST = 64 * 1024  # bytes of a body
NO_CALLS = MediaError("no_calls", 503, "no calls are held here")
TOO_MANY = MediaError("too_many", 429, "too many tries: wait, then try again")
FAILED = MediaError("failed", 500, "the server could not answer")
AWAY = MediaError("away", 503, "try again in a moment")


class StreamRoutes:
    """ASGI: answers the two prefixes, hands all else on to ``app``."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        response = await self._answer(scope, receive)
        headers = headers_of(response).items()
        pairs = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers]
        start = {"status": response.status, "headers": pairs}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: Any, receive: Any) -> HTTPResponse:
        here = streams.here()
        if here is None:
            return refusal(NO_CALLS)
        address = str((scope.get("client") or ("",))[0])
        if scope["method"] == "POST" and not here.may_ask(address):
            return refusal(TOO_MANY)
        whip = scope["path"].startswith("/whip/")
        handler = here.whip if whip else here.whep
        return await _handled(handler, await _request(scope, receive))


async def _handled(handler: WHIPHandler, request: HTTPRequest) -> HTTPResponse:
    try:
        return await handler.handle(request)
    except (DatabaseError, Fenced, RedisError) as error:
        log.warning("a program is to come again", why=str(error))
        return refusal(AWAY)
    except Exception:
        log.exception("a request was not answered", method=request.method)
        return refusal(FAILED)


async def _request(scope: Any, receive: Any) -> HTTPRequest:
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    body = await _body(receive)
    return HTTPRequest(scope["method"], scope["path"], headers, body)


async def _body(receive: Any) -> bytes:
    """The body; of one that is too large a byte more than MOST, which is refused."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body = (body + message.get("body", b""))[: MOST + 1]
        more = message.get("more_body", False)
    return body
