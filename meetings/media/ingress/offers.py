"""Offers of programs that stream: fitted to what a room takes, and the answer back.

A room wants sections of Opus and of VP8 or H.264 that go one way. Programs offer more:
other codecs, data channels, "sendrecv". What a room cannot take is kept from it, and
refused in the answer with port 0, as RFC 9429 (JSEP) section 5.3.1 has it: never an
error for the rest.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from aiortc import RTCIceCandidate
from aiortc.sdp import (
    H264Profile,
    candidate_from_sdp,
    parse_h264_profile_level_id,
)

from meetings.media.errors import BadOffer, UnsupportedCodec
from meetings.media.pictures import PICTURES

Direction = Literal["sendonly", "recvonly"]

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
CODECS = {"audio": ("opus",), "video": tuple(PICTURES)}
MOST_CANDIDATES = 64  # of one fragment; browsers find about ten
RTPMAP = re.compile(r"a=rtpmap:(?P<type>\d+) (?P<name>[^/]+)/")
Lines = list[str]


@dataclass
class FittedOffer:
    """An offer without the sections that a room cannot take.

    `refused`: index of a section -> its lines, for the answer.
    """

    sdp: str
    refused: dict[int, Lines] = field(default_factory=dict)

    def answer(self, sdp: str) -> str:
        """The room's answer, with the refused sections put back in their places."""
        if not self.refused:
            return sdp
        head, sections = _split(sdp)
        for index in sorted(self.refused):
            sections.insert(index, _refusal(self.refused[index]))
        return _joined(head, sections)


def fit(sdp: str, direction: Direction) -> FittedOffer:
    """Keep one section of Opus, and one of pictures if there is any.

    `direction` is the offering side's: sendonly for who publishes, recvonly for who
    plays. Raises BadOffer, and UnsupportedCodec where there is no Opus.
    """
    head, sections = _split(sdp)
    if not sections:
        raise BadOffer("not a session description")
    kept: dict[str, int] = {}
    for index, lines in enumerate(sections):
        kind = _kind(lines)
        wanted = _goes(lines, direction) and _carries(lines, CODECS.get(kind, ()))
        if wanted and kind not in kept:
            kept[kind] = index
    if "audio" not in kept:
        raise UnsupportedCodec("a section of sound in Opus is wanted")
    refused = {i: s for i, s in enumerate(sections) if i not in kept.values()}
    fitting = [
        _turned(s, direction) for i, s in enumerate(sections) if i not in refused
    ]
    grouped = [_grouped(line, refused) for line in head]
    return FittedOffer(_joined(grouped, fitting), refused)


@dataclass(frozen=True)
class Fragment:
    """Candidates that a client found after its offer (RFC 8840).

    `ufrag` is empty where the fragment does not name it.
    """

    ufrag: str
    candidates: tuple[RTCIceCandidate, ...]
    complete: bool


def read_fragment(text: str) -> Fragment:
    """Read a body of type application/trickle-ice-sdpfrag. Raises BadOffer."""
    ufrag, mid, complete = "", "0", False
    candidates: list[RTCIceCandidate] = []
    for line in text.splitlines():
        name, _, value = line.strip().removeprefix("a=").partition(":")
        if name == "ice-ufrag":
            ufrag = value
        elif name == "mid":
            mid = value
        elif name == "end-of-candidates":
            complete = True
        elif name == "candidate" and len(candidates) < MOST_CANDIDATES:
            candidates.append(_candidate(value, mid))
    if not (ufrag or candidates or complete):
        raise BadOffer("no candidates and no ice-ufrag")
    return Fragment(ufrag, tuple(candidates), complete)


def ufrag_of(sdp: str) -> str:
    """The ICE user name of an offer: another one later on is an ICE restart."""
    found = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.MULTILINE)
    return found[1] if found else ""


def _candidate(value: str, mid: str) -> RTCIceCandidate:
    try:
        candidate = candidate_from_sdp(value)
    except (ValueError, IndexError, AssertionError) as error:
        raise BadOffer("a candidate that cannot be read") from error
    candidate.sdpMid = mid
    return candidate


def _split(sdp: str) -> tuple[Lines, list[Lines]]:
    """The lines before the first section, and those of each section."""
    head: Lines = []
    sections: list[Lines] = []
    for line in filter(None, sdp.splitlines()):
        if line.startswith("m="):
            sections.append([])
        (sections[-1] if sections else head).append(line)
    return head, sections


def _joined(head: Lines, sections: list[Lines]) -> str:
    lines = [*head, *(line for section in sections for line in section)]
    return "\r\n".join(lines) + "\r\n"


def _kind(lines: Lines) -> str:
    return lines[0].removeprefix("m=").partition(" ")[0]


def _carries(lines: Lines, codecs: Sequence[str]) -> bool:
    """Whether the section is offered at all, and in one of these codecs."""
    port = lines[0].split(" ")[1:2]
    offered = filter(None, map(RTPMAP.match, lines))
    return port != ["0"] and any(
        (name := codec["name"].lower()) in codecs
        and (name != "h264" or _is_packed(lines, f"a=fmtp:{codec['type']} "))
        for codec in offered
    )


def _is_packed(lines: Lines, head: str) -> bool:
    """Whether H.264 comes as a room reads it (RFC 6184, 8.1): non-interleaved, and in a
    profile that browsers play."""
    said = next((line[len(head) :] for line in lines if line.startswith(head)), "")
    pairs = (pair.strip().partition("=") for pair in said.lower().split(";"))
    told = {name: value for name, _, value in pairs}
    try:
        profile, _ = parse_h264_profile_level_id(told.get("profile-level-id", "42e01f"))
    except ValueError:
        return False
    for_studios = profile == H264Profile.PROFILE_PREDICTIVE_HIGH_444
    return told.get("packetization-mode") == "1" and not for_studios


def _goes(lines: Lines, direction: Direction) -> bool:
    """Whether it may go this way; RFC 8866 takes none named for both."""
    said = [line[2:] for line in lines if line[2:] in DIRECTIONS]
    return said in ([], ["sendrecv"], [direction])


def _turned(lines: Lines, direction: Direction) -> Lines:
    """Both ways becomes the one that is meant."""
    rest = [line for line in lines if line[2:] not in DIRECTIONS]
    return [*rest, f"a={direction}"]


def _grouped(line: str, refused: dict[int, Lines]) -> str:
    """A BUNDLE group names only sections that are there."""
    if not line.startswith("a=group:BUNDLE"):
        return line
    gone = {_mid(lines) for lines in refused.values()}
    return " ".join(word for word in line.split(" ") if word not in gone)


def _mid(lines: Lines) -> str:
    return next((line[6:] for line in lines if line.startswith("a=mid:")), "")


def _refusal(lines: Lines) -> Lines:
    words = lines[0].split(" ")
    mid = [f"a=mid:{_mid(lines)}"] if _mid(lines) else []
    first = " ".join([words[0], "0", *words[2:]])
    return [first, "c=IN IP4 0.0.0.0", "a=inactive", *mid]
