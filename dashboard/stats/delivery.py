"""How somebody speaks: pace and filler words, as transcribed."""

from collections.abc import Iterator, Sequence

from dashboard.stats.definitions import Definitions
from dashboard.stats.figure import Figure, Heard, Moment
from dashboard.stats.phrases import listed_in
from dashboard.stats.timeline import Speaker, TimedWord
from meetings.media.spans import length

NO_LIST = "No list of fillers in this language"


def pace(speaker: Speaker, rules: Definitions) -> Figure:
    """Words per minute of that person's own speech; letters where none are spaced."""
    return _pace([speaker], rules, "Speaks less than a minute")


def our_pace(heard: Heard) -> Figure:
    """The same of all our people together."""
    ours = heard.timeline.of("us")
    return _pace(ours, heard.timeline.rules, "We speak less than a minute")


def fillers(speaker: Speaker) -> Figure:
    """Filler words of all words, in %; "you know" counts as two."""
    return _fillers([speaker], "Says nothing")


def our_fillers(heard: Heard) -> Figure:
    """The same of all our people together, in languages that have a list."""
    return _fillers(heard.timeline.of("us"), "We say nothing")


def _pace(speakers: Sequence[Speaker], rules: Definitions, too_short: str) -> Figure:
    speech = sum(length(speaker.speech) for speaker in speakers)
    if speech < rules.pace_speech:
        return Figure(reason=too_short)
    return Figure(sum(len(who.words) for who in speakers) / (speech / 60_000))


def _fillers(speakers: Sequence[Speaker], silent: str) -> Figure:
    speaking = [speaker for speaker in speakers if speaker.words]
    listed = [who for who in speaking if who.fillers]
    if not listed:
        return Figure(reason=NO_LIST if speaking else silent)
    found = [(who, words) for who in listed for words in _fillers_of(who)]
    share = sum(len(words) for _, words in found) / sum(len(w.words) for w in listed)
    evidence = sorted(
        Moment(words[0].start_ms, words[-1].end_ms, who.id) for who, words in found
    )
    return Figure(100 * share, tuple(evidence))


def _fillers_of(speaker: Speaker) -> Iterator[Sequence[TimedWord]]:
    return listed_in(speaker.words, speaker.fillers)
