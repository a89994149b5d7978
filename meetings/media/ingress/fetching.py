"""HTTP for addresses that people type in: bounded, and never into our own network."""

import asyncio
import socket
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from meetings.media.errors import SourceRefused, SourceTimeout, SourceUnreachable
from meetings.media.ingress.addresses import AddressPolicy

CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0  # between two pieces of a body
WHOLE_SECONDS = 30.0  # a body, drop by drop or not
REDIRECTS = 5
PIECE = 64 * 1024  # bytes
HEADERS = {"User-Agent": "Earshot", "Accept-Encoding": "identity"}
MOVED = (301, 302, 303, 307, 308)


class NotThere(SourceUnreachable):
    """A clear answer that this address has nothing."""


class Fetcher:
    """Gets what is at an address, over addresses that the policy permits.

    Names are resolved once for each connection, and the very address that was found is
    vetted and connected to, at every hop of a redirect: no answer of a name server in
    between can lead elsewhere. Names in certificates are checked as ever. No proxies,
    no cookies, nothing unpacked. `async with`, on one loop.
    """

    def __init__(self, policy: AddressPolicy | None = None) -> None:
        self._policy = policy or AddressPolicy()
        self._refused = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=2, socket_factory=self._socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers=HEADERS,
            timeout=aiohttp.ClientTimeout(
                total=WHOLE_SECONDS,
                sock_connect=CONNECT_SECONDS,
                sock_read=READ_SECONDS,
            ),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(
        self, url: str, limit: int, part: tuple[int, int] | None = None
    ) -> tuple[bytes, str]:
        """(the body, the address it came from in the end).

        `limit`: bytes that it may have; `part`: (first byte, bytes) of it that are
        wanted. Raises SourceRefused, NotThere, SourceTimeout, SourceUnreachable.
        """
        for _ in range(REDIRECTS + 1):
            body, target = await self._hop(url, limit, part)
            if target is None:
                return body, url
            url = urljoin(url, target)
        raise SourceUnreachable(f"it redirects more than {REDIRECTS} times")

    async def _hop(
        self, url: str, limit: int, part: tuple[int, int] | None
    ) -> tuple[bytes, str | None]:
        _check(url)
        self._refused = ""
        headers = {"Range": f"bytes={part[0]}-{sum(part) - 1}"} if part else {}
        try:
            async with self._session.get(
                url, allow_redirects=False, headers=headers
            ) as answer:
                if answer.status in MOVED and "Location" in answer.headers:
                    return b"", answer.headers["Location"]
                if answer.status not in (200, 206):
                    raise NotThere(f"its server answers with {answer.status}")
                body = await _read(answer, limit)
                return _cut(body, part if answer.status == 200 else None), None
        except TimeoutError as error:
            raise SourceTimeout("its server has not answered", READ_SECONDS) from error
        except (aiohttp.InvalidURL, ValueError) as error:
            raise SourceRefused("it leads to no valid address") from error
        except (aiohttp.ClientError, OSError) as error:
            if self._refused:
                raise SourceRefused(_refusal(url, self._refused)) from error
            raise SourceUnreachable(_why(error)) from error

    def _socket(self, found: Any) -> socket.socket:
        """The socket for an address that was resolved: the only way to connect."""
        family, kind, protocol, _, address = found
        if not self._policy.permits(address[0]):
            self._refused = address[0]
            raise OSError(f"{address[0]} is not permitted")
        return socket.socket(family, kind, protocol)


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname
        _ = parts.port
    except ValueError:
        known = None
    if not known:
        raise SourceRefused("only http and https addresses are read")


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    pieces, size = [], 0
    if (answer.content_length or 0) > limit:
        raise NotThere(f"larger than {limit // 2**20} MiB")
    async for piece in answer.content.iter_chunked(PIECE):
        size += len(piece)
        if size > limit:
            raise NotThere(f"larger than {limit // 2**20} MiB")
        pieces.append(piece)
        await asyncio.sleep(0)  # whoever sends fast does not keep the loop
    return b"".join(pieces)


def _cut(body: bytes, part: tuple[int, int] | None) -> bytes:
    return body if part is None else body[part[0] : sum(part)]


def _refusal(url: str, address: str) -> str:
    host = urlsplit(url).hostname
    where = host if host == address else f"{host} ({address})"
    return f"{where} is not a public address"


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its server's name is not known"
    if isinstance(
        error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError
    ):
        return "its server's certificate is not valid"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "its server cannot be reached"
    return f"its server breaks off: {type(error).__name__}"
