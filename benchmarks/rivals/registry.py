"""The peers that Earshot is measured against. To add one, see ``session.Rival``."""

from benchmarks.rivals.naive import Naive
from benchmarks.rivals.realtime_stt import RealtimeStt
from benchmarks.rivals.session import Rival
from benchmarks.rivals.whisper_live import WhisperLive
from benchmarks.rivals.whisper_live_kit import WhisperLiveKit

RIVALS: tuple[Rival, ...] = (
    RealtimeStt(),
    WhisperLive("whisper-live", batching=False),
    WhisperLive("whisper-live-batching", batching=True),
    WhisperLiveKit("whisperlivekit"),
    Naive(),
)
# The same peers with a setting that its users may choose: quicker finals, better text.
VARIANTS: tuple[Rival, ...] = (
    WhisperLive("whisper-live-batching-quick", batching=True, repeats=3),
    WhisperLiveKit("whisperlivekit-coalescing", step=0.8),
)


KNOWN = {rival.name: rival for rival in (*RIVALS, *VARIANTS)}


def named(name: str) -> Rival:
    """The peer of that name. Raises ValueError, which says what names there are."""
    try:
        return KNOWN[name]
    except KeyError:
        raise ValueError(f"no peer {name!r}; there are {', '.join(KNOWN)}") from None
