"""HLS that somebody else serves: playlist, keys and segments fetched under a policy."""

import asyncio
import time
from collections.abc import AsyncGenerator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from meetings.media.errors import (
    NoAudio,
    NotMedia,
    SourceRefused,
    SourceTimeout,
    SourceUnreachable,
)
from meetings.media.ingress.addresses import AddressPolicy
from meetings.media.ingress.base import Anew, Backoff, Ingress
from meetings.media.ingress.fetching import Fetcher, NotThere
from meetings.media.ingress.playlist import HLSSegment, Key, Part, Playlist, parse

PLAYLIST_BYTES = 2**20
SEGMENT_BYTES = 32 * 2**20  # held in memory: 30 s at 8 Mbit/s
KEY_BYTES = 16  # AES-128
NESTED = 3  # playlists of playlists
MISSING = 5  # segments in a row that are not there, until the source counts as gone
POLL = (0.25, 1.5)  # s between two looks at a playlist, at least and at most


class HLSIngress(Ingress):
    """Pulls an HLS address: the newest segment first, then what follows, in order.

    Of several variants the cheapest with sound. A playlist that has its end already is
    played from its beginning. `patience`: s without a new segment until the source
    counts as gone.
    """

    kind = "hls"
    cushion = 1.0  # a playlist is looked at about once a second

    def __init__(
        self,
        id: str,
        label: str,
        url: str,
        *,
        recorded: bool = True,
        policy: AddressPolicy | None = None,
        retry: Backoff | None = None,
        patience: float = 20.0,
    ) -> None:
        super().__init__(id, label, recorded=recorded, retry=retry)
        self.url = url
        self._policy = policy
        self._patience = patience
        self._after: int | None = None  # number of the last segment that was taken
        self._key: tuple[str, bytes] | None = None
        self._missing = 0  # in a row

    async def read(self) -> AsyncGenerator[bytes]:
        async with Fetcher(self._policy) as fetcher:
            url = await self._find_segments(fetcher)
            before: HLSSegment | None = None
            async for segment in self._follow(fetcher, url):
                if before is not None and segment.map != before.map:
                    raise Anew  # what follows is described by another head
                data = await self._fetch(fetcher, segment)
                if segment.map is not None and before is None:
                    yield await self._fetch_map(fetcher, segment)
                before = segment
                self._after = segment.number
                if data:
                    yield data

    async def _find_segments(self, fetcher: Fetcher) -> str:
        """The address of the playlist that lists segments with sound."""
        url = self.url
        for _ in range(NESTED):
            playlist, url = await _playlist(fetcher, url)
            if not playlist.variants:
                return url
            variant = playlist.with_sound()
            if variant is None:
                raise NoAudio("there is no sound in it")
            url = variant
        raise NotMedia("playlists inside playlists without an end")

    async def _follow(self, fetcher: Fetcher, url: str) -> AsyncGenerator[HLSSegment]:
        """Segments as they appear, until the playlist says that it has ended."""
        playlist, _ = await _playlist(fetcher, url)
        fresh_at = time.monotonic()
        trouble: SourceUnreachable
        trouble = SourceTimeout("its playlist has not changed", self._patience)
        while True:
            for segment in self._due(playlist):
                yield segment
                fresh_at = time.monotonic()
            if playlist.ended:
                return
            if time.monotonic() - fresh_at > self._patience:
                raise trouble
            await asyncio.sleep(min(POLL[1], max(POLL[0], playlist.target / 4)))
            try:
                playlist, _ = await _playlist(fetcher, url)
            except SourceUnreachable as error:
                trouble = error  # a stumble: what was fetched plays on meanwhile

    def _due(self, playlist: Playlist) -> tuple[HLSSegment, ...]:
        segments = playlist.segments
        if self._after is None or _counts_anew(segments, self._after):
            return segments if playlist.ended else segments[-1:]
        return tuple(s for s in segments if s.number > self._after)

    async def _fetch(self, fetcher: Fetcher, segment: HLSSegment) -> bytes:
        """A segment's bytes; none of one that is not there."""
        try:
            if segment.absent:
                raise NotThere("its playlist says that they are missing")
            data = await _get(fetcher, segment.url, segment.part)
        except SourceUnreachable as error:
            self.stats.skipped += 1
            self._missing += 1
            if self._missing >= MISSING:
                raise SourceUnreachable(
                    f"{self._missing} segments in a row are missing: {error.detail}"
                ) from error
            return b""
        self._missing = 0
        return await self._open(fetcher, data, segment)

    async def _fetch_map(self, fetcher: Fetcher, segment: HLSSegment) -> bytes:
        assert segment.map is not None
        data = await _get(fetcher, segment.map.url, segment.map.part)
        return await self._open(fetcher, data, segment)

    async def _open(self, fetcher: Fetcher, data: bytes, segment: HLSSegment) -> bytes:
        """Decrypt it, if it has to be."""
        if segment.key is None:
            return data
        secret = await self._secret(fetcher, segment.key)
        return decrypt(data, secret, segment.key.iv or segment.number.to_bytes(16))

    async def _secret(self, fetcher: Fetcher, key: Key) -> bytes:
        if key.method != "AES-128":
            raise SourceRefused(f"it is encrypted by {key.method[:20]}")
        if self._key is None or self._key[0] != key.url:
            secret, _ = await fetcher.get(key.url, KEY_BYTES)
            if len(secret) != KEY_BYTES:
                raise SourceRefused("its key is none of AES-128")
            self._key = key.url, secret
        return self._key[1]


async def _playlist(fetcher: Fetcher, url: str) -> tuple[Playlist, str]:
    body, url = await fetcher.get(url, PLAYLIST_BYTES)
    text = body.decode("utf-8", "replace")
    return await asyncio.to_thread(parse, text, url), url  # it may be long


async def _get(fetcher: Fetcher, url: str, part: Part | None) -> bytes:
    """Bytes, at the second try if the first breaks off."""
    try:
        return (await fetcher.get(url, SEGMENT_BYTES, part))[0]
    except NotThere:
        raise
    except SourceUnreachable:
        return (await fetcher.get(url, SEGMENT_BYTES, part))[0]


def _counts_anew(segments: tuple[HLSSegment, ...], after: int) -> bool:
    """Whether the numbers began again: they are far below, more than a stale copy's."""
    return bool(segments) and segments[-1].number + len(segments) < after


def decrypt(data: bytes, secret: bytes, iv: bytes) -> bytes:
    """AES-128 in CBC mode with PKCS7 padding (RFC 8216, 4.3.2.4). Raises NotMedia."""
    decryptor = Cipher(algorithms.AES(secret), modes.CBC(iv)).decryptor()
    unpadder = PKCS7(128).unpadder()
    try:
        plain = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(plain) + unpadder.finalize()
    except ValueError as error:
        raise NotMedia("its key does not fit") from error
