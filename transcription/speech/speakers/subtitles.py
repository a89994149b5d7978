"""WebVTT, SubRip and SBV: times on one line, what is said on the next ones.

Zoom writes "Name: text" into a cue, Teams <v Name>; several people may share a cue.
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise

from transcription.speech.speakers.clocks import CLOCK, milliseconds
from transcription.speech.speakers.cues import SpokenCue, UnreadableTranscript
from transcription.speech.speakers.prefixes import carry_on, split_name

TIMES = re.compile(rf"\s*({CLOCK})\s*-->\s*({CLOCK})(?:\s.*)?")
SBV_TIMES = re.compile(rf"\s*({CLOCK}),({CLOCK})\s*")
VOICE = re.compile(r"<v(?:\.[^\s<>]{0,80})?\s+([^<>]{1,200})>")
TAG = re.compile(r"</?[a-zA-Z0-9][^<>]{0,200}>")
Part = tuple[str, str]  # name, text


def has_times(lines: list[str]) -> bool:
    return any(map(_times, lines))


def read(lines: list[str]) -> list[SpokenCue]:
    """Cues in the order of the file. Raises UnreadableTranscript."""
    cues = [cue for block in _blocks(lines) for cue in _of_block(*block)]
    if not cues:
        raise UnreadableTranscript("is no transcript that can be read.")
    names = carry_on(cue.name for cue in cues)
    return [cue._replace(name=n) for cue, n in zip(cues, names, strict=True)]


def _blocks(lines: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """(start, end, lines) of each cue; what stands between cues is no cue."""
    starts = [(n, times) for n, line in enumerate(lines) if (times := _times(line))]
    ends = [*(n for n, _ in starts[1:]), len(lines)][: len(starts)]
    for (at, (start, end)), stop in zip(starts, ends, strict=True):
        said = lines[at + 1 : stop]
        blank = next((n for n, line in enumerate(said) if not line.strip()), None)
        if blank is None and stop < len(lines) and said and said[-1].strip().isdigit():
            said = said[:-1]  # the number of the next cue
        yield start, end, said[:blank]


def _times(line: str) -> tuple[int, int] | None:
    told = TIMES.fullmatch(line[:300]) or SBV_TIMES.fullmatch(line[:80])
    return (milliseconds(told[1]), milliseconds(told[2])) if told else None


def _of_block(start: int, end: int, lines: list[str]) -> Iterator[SpokenCue]:
    """A cue for each person, who share its time by the length of what they say."""
    parts = [part for part in _parts(lines) if part[1]]
    end = max(start, end)
    total = sum(len(text) for _, text in parts) or 1
    spoken = [0]
    for _, text in parts:
        spoken.append(spoken[-1] + len(text))
    at = [start + (end - start) * count // total for count in spoken]
    for (name, text), (begin, stop) in zip(parts, pairwise(at), strict=True):
        yield SpokenCue(begin, stop, name, text)


def _parts(lines: list[str]) -> list[Part]:
    text = "\n".join(lines)
    voices = list(VOICE.finditer(text))
    if voices:
        ends = [v.start() for v in voices[1:]] + [len(text)]
        before: list[Part] = [("", _plain(text[: voices[0].start()]))]
        told = zip(voices, ends, strict=True)
        return before + [(_plain(v[1]), _plain(text[v.end() : e])) for v, e in told]
    parts: list[Part] = []
    for line in lines:
        name, said = split_name(_plain(line))
        if name or not parts:
            parts.append((name, said))
        else:
            parts[-1] = (parts[-1][0], f"{parts[-1][1]} {said}")
    return parts


def _plain(text: str) -> str:
    return html.unescape(TAG.sub("", text)).strip()
