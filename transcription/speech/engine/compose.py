"""From a decode to what is shown: clean text, times on the clock, one event."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from transcription.speech.audio.sound import SAMPLE_RATE
from transcription.speech.engine.captions import Caption, HeardUtterance, Word
from transcription.speech.engine.open_utterance import OpenUtterance
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.filters import Cleaned, Draft, Evidence, Rules, clean
from transcription.speech.model.windows import Decoded


def partial(
    track: VoiceTrack, utterance: OpenUtterance, line: Decoded, heard: int, rules: Rules
) -> Caption | None:
    """The utterance as heard up to a sample; none when nothing new is to be seen."""
    cleaned = clean(Draft(line.text), evidence(track, utterance, line), rules)
    before = utterance.stabiliser.text
    stable, interim = utterance.stabiliser.update(cleaned.text, heard / SAMPLE_RATE)
    if (stable, interim) == before:
        return None
    utterance.rev += 1
    utterance.text = line.text
    return Caption(
        utterance_id=utterance.id,
        rev=utterance.rev,
        start=track.time(voice_start(utterance)),
        end=track.time(min(heard, utterance.speech_end)),
        stable=stable,
        interim=interim,
        final=False,
        language=line.language,
        confidence=line.confidence,
        latency_ms=_latency(track, heard),
        heard_until=track.time(heard),
        version=rules.version,
    )


def final(
    track: VoiceTrack, utterance: OpenUtterance, line: Decoded, heard: int, rules: Rules
) -> Caption | None:
    """The utterance as it stays; none when there was nothing to show or to tell."""
    said = heard_utterance(track, utterance, line, rules)
    if not (said.text or said.removals or utterance.rev):
        return None
    utterance.rev += 1
    return Caption(
        utterance_id=utterance.id,
        rev=utterance.rev,
        start=said.start,
        end=said.end,
        stable=said.text,
        interim="",
        final=True,
        words=said.words,
        raw=said.raw,
        language=said.language,
        confidence=said.confidence,
        removals=said.removals,
        latency_ms=_latency(track, heard),
        heard_until=track.time(heard),
        version=rules.version,
        voice=said.voice,
        model=said.model,
    )


def heard_utterance(
    track: VoiceTrack, utterance: OpenUtterance, line: Decoded, rules: Rules
) -> HeardUtterance:
    """The whole of what was said, with word times."""
    words = on_clock(line.words, utterance, track)
    proof = evidence(track, utterance, line)
    cleaned = clean(Draft(line.text, words), proof, rules)
    return HeardUtterance(
        start=proof.start,
        end=proof.end,
        text=cleaned.text,
        raw=line.text,
        words=cleaned.words,
        language=line.language,
        confidence=sureness(cleaned, line),
        removals=cleaned.removals,
        voice=proof.voiced,
        model=line.model,
    )


def evidence(track: VoiceTrack, utterance: OpenUtterance, line: Decoded) -> Evidence:
    """What the sound says about an utterance."""
    return Evidence(
        start=track.time(voice_start(utterance)),
        end=track.time(utterance.speech_end),
        voiced=tuple((track.time(a), track.time(b)) for a, b in utterance.voiced),
        no_speech=line.no_speech,
        confidence=line.confidence,
    )


def on_clock(
    words: Sequence[Word], utterance: OpenUtterance, track: VoiceTrack
) -> tuple[Word, ...]:
    """Words of a window on the clock of the stream, none outside the voice."""
    low, high = track.time(voice_start(utterance)), track.time(utterance.speech_end)
    offset = track.time(utterance.start)

    def placed(t: float) -> float:
        return round(min(max(t + offset, low), high), 3)

    return tuple(
        replace(word, start=placed(word.start), end=placed(word.end)) for word in words
    )


def sureness(cleaned: Cleaned, line: Decoded) -> float:
    """Mean word probability, or the decoder's own measure without words."""
    if not cleaned.words:
        return line.confidence
    return sum(word.probability for word in cleaned.words) / len(cleaned.words)


def voice_start(utterance: OpenUtterance) -> int:
    """The sample at which the VAD first heard speech."""
    return utterance.voiced[0][0] if utterance.voiced else utterance.start


def _latency(track: VoiceTrack, heard: int) -> float:
    return 1000 * (monotonic() - track.arrival(heard))
