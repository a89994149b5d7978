"""Which language a person speaks: given, or detected on their own voice and kept."""

from collections import Counter
from collections.abc import Sequence

from transcription.speech.model.whisper import LANGUAGES

ENOUGH = 2.0  # s of voice that settle the language


def check(codes: Sequence[str]) -> tuple[str, ...]:
    """The codes, lower case. Raises ValueError for one that Whisper does not know."""
    checked = tuple(code.strip().lower() for code in codes)
    for code in checked:
        if code not in LANGUAGES:
            raise ValueError(
                f"Whisper knows no language {code!r}; use a code like 'en'"
            )
    return checked


class LanguageDetector:
    """The language of one person.

    Nothing but ``vote`` changes it: a person who is told another language gets another
    detector. Raises ValueError for a code that Whisper does not know.
    """

    def __init__(self, language: str | None = None, allowed: Sequence[str] = ()):
        self.allowed = check(allowed)
        self.given = check([language])[0] if language else None
        self.language = self.given
        self._votes: Counter[str] = Counter()
        self._heard = 0.0

    def among(self, allowed: Sequence[str]) -> "LanguageDetector":
        """That of this person when only these languages may be detected.

        What was given stays; what was detected stays when it is among them.
        """
        detector = LanguageDetector(self.given, allowed)
        if not detector.allowed or self.language in detector.allowed:
            detector.language = self.language
        return detector

    def vote(self, votes: Sequence[tuple[str, float]], seconds: float) -> None:
        """Take what one utterance of some seconds sounded like; settle when enough."""
        if self.language or not votes:
            return
        for code, probability in votes:
            self._votes[code] += probability * seconds  # type: ignore[assignment]
        self._heard += seconds
        if self._heard >= ENOUGH:
            self.language = self._votes.most_common(1)[0][0]
