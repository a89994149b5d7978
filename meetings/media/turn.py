"""STUN and TURN servers: how they are written, logins that end, and what ails one.

TURN relays the media of people whose network lets nothing else through.
"""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import replace
from urllib.parse import unquote

from aioice import stun, turn

from meetings.media.config import ICE_ADDRESS, ICEServer

LIFETIME = 24 * 3600  # s that a login holds: a page of a call may stay open for long
PATIENCE = 3.0  # s for a server to answer
UNAUTHORIZED = 401


def ice_server(address: str, secret: str = "") -> ICEServer:
    """Read `stun:host:3478` or `turn:user:password@host:3478?transport=udp`.

    `secret`: for a TURN server without a user, see `with_login`. Raises ValueError.
    """
    found = ICE_ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"no address of a STUN or TURN server: {address!r}")
    url = (
        address if not found["login"] else address.replace(f"{found['login']}@", "", 1)
    )
    if found["scheme"].startswith("stun"):
        return ICEServer((url,))
    if not found["login"]:
        return ICEServer((url,), secret=secret or None)
    user, _, password = found["login"].partition(":")
    return ICEServer((url,), unquote(user), unquote(password))


def with_login(server: ICEServer, now: float) -> ICEServer:
    """The server as others may know it: a login for a day in the place of its secret.

    As coturn's `use-auth-secret` has it (draft-uberti-behave-turn-rest-00, 2.2); `now`
    in s of Unix time.
    """
    if server.secret is None:
        return server
    user = str(int(now) + LIFETIME)
    digest = hmac.digest(server.secret.encode(), user.encode(), hashlib.sha1)
    password = base64.b64encode(digest).decode()
    return replace(server, username=user, credential=password, secret=None)


def relays(server: ICEServer) -> bool:
    """Whether it is a TURN server."""
    return server.urls[0].startswith("turn")


async def why_not(server: ICEServer, now: float) -> str:
    """Why a TURN server relays nothing, as a clause; empty: it does. On any loop."""
    known = with_login(server, now)
    if known.username is None:
        return "it has no login: write turn:user:password@host, or set TURN_SECRET"
    try:
        async with asyncio.timeout(PATIENCE):
            await _allocate(known)
    except (TimeoutError, stun.TransactionTimeout):
        return "it does not answer"
    except stun.TransactionFailed as refused:
        code, words = refused.response.attributes.get("ERROR-CODE", (0, ""))
        login = " (user and password, or the shared secret)"
        return f"it refuses: {code} {words}{login if code == UNAUTHORIZED else ''}"
    except OSError as error:
        return f"it cannot be reached: {error.strerror or error}"
    return ""


async def _allocate(server: ICEServer) -> None:
    """Take a relay of it, and give it back."""
    found = ICE_ADDRESS.fullmatch(server.urls[0])
    assert found is not None
    tls = found["scheme"] == "turns"
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=(found["host"], int(found["port"] or (5349 if tls else 3478))),
        username=server.username,
        password=server.credential,
        ssl=tls or None,
        transport=found["transport"] or ("tcp" if tls else "udp"),
    )
    transport.close()
