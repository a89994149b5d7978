"""HLS playlists (RFC 8216), as far as sound needs them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from meetings.media.errors import NotMedia

ATTRIBUTE = re.compile(r'(?:^|,)\s*([A-Z0-9-]+)=("[^"]*"|[^",]*)')
SOUND_CODECS = ("mp4a", "opus", "ac-3", "ec-3", "mp3", "flac", "alac")
MOST_SEGMENTS = 20_000  # a day of a live stream
LONGEST_LINE = 8192  # characters
LONGEST_TARGET = 60.0  # s

Part = tuple[int, int]  # first byte, bytes


@dataclass(frozen=True)
class Key:
    """`iv`: None for the segment's number."""

    method: str
    url: str = ""
    iv: bytes | None = None


@dataclass(frozen=True)
class Map:
    """What comes before every segment of fragmented MP4."""

    url: str
    part: Part | None = None


@dataclass(frozen=True)
class HLSSegment:
    """`absent`: the playlist says itself that there is none."""

    number: int
    url: str
    duration: float  # s
    part: Part | None = None
    key: Key | None = None
    map: Map | None = None
    absent: bool = False


@dataclass(frozen=True)
class Variant:
    """`sound`: whether it says that it has some; None when it does not say."""

    url: str
    bandwidth: int
    sound: bool | None
    picture: bool
    group: str = ""


@dataclass(frozen=True)
class Playlist:
    """A list of segments or of variants, never of both. `target`: s."""

    target: float = 0.0
    segments: tuple[HLSSegment, ...] = ()
    ended: bool = False
    variants: tuple[Variant, ...] = ()
    renditions: dict[str, str] = field(default_factory=dict)  # audio group -> url

    def with_sound(self) -> str | None:
        """Of a list of variants, the address that has sound at the least cost."""
        audible = [variant for variant in self.variants if variant.sound is not False]
        if not audible:
            return None
        least = min(audible, key=lambda v: (v.picture, not v.sound, v.bandwidth))
        return self.renditions.get(least.group) or least.url


def parse(text: str, url: str) -> Playlist:
    """The playlist that came from `url`. Raises NotMedia."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    if not lines or not lines[0].startswith("#EXTM3U"):
        raise NotMedia("no HLS playlist")
    try:
        return _Reading(url).read(line for line in lines if line)
    except (ValueError, OverflowError) as error:
        raise NotMedia(f"a broken HLS playlist: {error}") from error


class _Reading:
    """A playlist on its way; tags hold for what follows them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._target = 0.0
        self._number = 0
        self._segments: list[HLSSegment] = []
        self._variants: list[Variant] = []
        self._renditions: dict[str, str] = {}
        self._ended = False
        self._key: Key | None = None
        self._map: Map | None = None
        self._duration: float | None = None
        self._part: Part | None = None
        self._next_byte = 0
        self._absent = False
        self._variant: dict[str, str] | None = None

    def read(self, lines: Iterator[str]) -> Playlist:
        for line in lines:
            if len(line) > LONGEST_LINE:
                raise ValueError("a line without an end")
            if line.startswith("#EXT"):
                tag, _, value = line.partition(":")
                if take := getattr(self, _TAGS.get(tag, ""), None):
                    take(value)
            elif not line.startswith("#"):
                self._address(urljoin(self._url, line))
        if self._variants and self._segments:
            raise ValueError("segments and variants in one")
        return Playlist(
            self._target,
            tuple(self._segments),
            self._ended,
            tuple(self._variants),
            self._renditions,
        )

    def _address(self, url: str) -> None:
        if self._variant is not None:
            self._variants.append(_variant(self._variant, url))
            self._variant = None
        elif self._duration is not None:
            self._segment(url)
        if len(self._segments) + len(self._variants) > MOST_SEGMENTS:
            raise ValueError(f"more than {MOST_SEGMENTS} entries")

    def _segment(self, url: str) -> None:
        assert self._duration is not None
        self._segments.append(
            HLSSegment(
                self._number + len(self._segments),
                url,
                self._duration,
                self._part,
                self._key,
                self._map,
                self._absent,
            )
        )
        self._duration, self._part, self._absent = None, None, False

    def _take_target(self, value: str) -> None:
        self._target = min(LONGEST_TARGET, max(0.5, float(value)))

    def _take_number(self, value: str) -> None:
        self._number = int(value)

    def _take_duration(self, value: str) -> None:
        self._duration = float(value.partition(",")[0])

    def _take_range(self, value: str) -> None:
        self._part = _part(value, self._next_byte)
        self._next_byte = sum(self._part)

    def _take_end(self, value: str) -> None:
        self._ended = True

    def _take_gap(self, value: str) -> None:
        self._absent = True

    def _take_key(self, value: str) -> None:
        given = _attributes(value)
        method = given.get("METHOD", "NONE")
        iv = given.get("IV", "")[2:]
        self._key = None
        if method != "NONE":
            url = urljoin(self._url, given.get("URI", ""))
            self._key = Key(method, url, bytes.fromhex(iv.zfill(32)) if iv else None)

    def _take_map(self, value: str) -> None:
        given = _attributes(value)
        part = _part(given["BYTERANGE"], 0) if "BYTERANGE" in given else None
        self._map = Map(urljoin(self._url, given.get("URI", "")), part)

    def _take_variant(self, value: str) -> None:
        self._variant = _attributes(value)

    def _take_rendition(self, value: str) -> None:
        given = _attributes(value)
        if given.get("TYPE") == "AUDIO" and "URI" in given:
            group = given.get("GROUP-ID", "")
            if given.get("DEFAULT") == "YES" or group not in self._renditions:
                self._renditions[group] = urljoin(self._url, given["URI"])


_TAGS = {
    "#EXT-X-TARGETDURATION": "_take_target",
    "#EXT-X-MEDIA-SEQUENCE": "_take_number",
    "#EXTINF": "_take_duration",
    "#EXT-X-BYTERANGE": "_take_range",
    "#EXT-X-ENDLIST": "_take_end",
    "#EXT-X-GAP": "_take_gap",
    "#EXT-X-KEY": "_take_key",
    "#EXT-X-MAP": "_take_map",
    "#EXT-X-STREAM-INF": "_take_variant",
    "#EXT-X-MEDIA": "_take_rendition",
}


def _attributes(value: str) -> dict[str, str]:
    return {name: text.strip('"') for name, text in ATTRIBUTE.findall(value)}


def _part(value: str, follows: int) -> Part:
    """A byte range, "size@first" or "size" from where the last one ended."""
    size, _, first = value.partition("@")
    return (int(first) if first else follows), int(size)


def _variant(given: dict[str, str], url: str) -> Variant:
    codecs = [codec.strip().lower() for codec in given.get("CODECS", "").split(",")]
    sounds = [codec for codec in codecs if codec.startswith(SOUND_CODECS)]
    known = codecs != [""]
    group = given.get("AUDIO", "")
    return Variant(
        url,
        int(given.get("BANDWIDTH", "0") or 0),
        bool(sounds or group) if known else (True if group else None),
        not known or len(sounds) < len(codecs),
        group,
    )
