"""A transcript as subtitles: SubRip (SRT) and WebVTT (W3C, text/vtt)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transcription.models import Utterance
from transcription.words import places

LONGEST = 84  # characters of a cue: two lines of 42, as broadcasters ask
LONGEST_MS = 7_000


@dataclass(frozen=True, slots=True)
class Cue:
    start_ms: int
    end_ms: int
    speaker: str
    text: str


def cues(lines: Iterable[Utterance]) -> Iterator[Cue]:
    """Lines cut at words, so that each can be read while it is shown."""
    for line in lines:
        words = [place for place in places(line.text, line.words) if place.at]
        begin, start = 0, line.start_ms
        for n, place in enumerate(words):
            following = words[n + 1].at if n + 1 < len(words) else len(line.text)
            long = following - begin > LONGEST or place.end_ms - start > LONGEST_MS
            if long and place.at > begin:
                yield _cue(line, begin, place.at, start, place.start_ms)
                begin, start = place.at, place.start_ms
        yield _cue(line, begin, len(line.text), start, line.end_ms)


def subrip(lines: Iterable[Utterance]) -> str:
    """Numbered cues with the name before the words; CRLF, as old players want it."""
    blocks = (
        f"{n}\r\n{_time(cue.start_ms, ',')} --> {_time(cue.end_ms, ',')}\r\n"
        f"{cue.speaker}: {cue.text}\r\n"
        for n, cue in enumerate(cues(lines), 1)
    )
    return "\r\n".join(blocks)


def webvtt(lines: Iterable[Utterance]) -> str:
    """Cues with voice tags, WebVTT 6.2."""
    blocks = (
        f"{_time(cue.start_ms, '.')} --> {_time(cue.end_ms, '.')}\n"
        f"<v {_escaped(cue.speaker)}>{_escaped(cue.text)}</v>\n"
        for cue in cues(lines)
    )
    return "\n".join(("WEBVTT\n", *blocks))


def _cue(line: Utterance, begin: int, end: int, start_ms: int, end_ms: int) -> Cue:
    text = " ".join(line.text[begin:end].split())
    return Cue(start_ms, max(end_ms, start_ms + 1), line.participant.name, text)


def _time(ms: int, point: str) -> str:
    """hh:mm:ss,mmm; hours go on after 99."""
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"


def _escaped(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(plain.split())
