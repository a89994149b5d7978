"""The further tries at a window whose first text will not do.

OpenAI's code and faster-whisper have the same means: without the previous text, at
rising temperatures. What is ours: longer windows, as short ones are where real models
loop, and greedy search beside a beam.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from transcription.speech.audio.features import BUCKETS
from transcription.speech.model import guards
from transcription.speech.model.windows import Decoded, Search, Window

_SURE = 0.7  # confidence from which nothing better is looked for
_TEMPERATURES = (0.4, 0.8)  # of the retries; OpenAI's code has 0.2 to 1.0
_LONGER = (1500, 3000)  # frames in which what repeats itself is read again
_NO_REPEAT = 3  # tokens: the last resort against a loop
_GREEDY = Search()


@dataclass(frozen=True)
class Tries:
    """``decode`` searches once, without a guard; a ``beam`` above 1 is for recordings:
    people wait for what is decoded without one, so it is tried less often."""

    decode: Callable[[Sequence[Window], Search], list[Decoded]]
    beam: int

    def best(self, windows: Sequence[Window]) -> list[Decoded]:
        """A text for each window of a batch of equal T."""
        lines = self.decode(windows, _GREEDY)
        asked = list(windows)
        # Models stumble over, or fall silent after, text that they cannot follow.
        lost = [i for i, line in enumerate(lines) if asked[i].previous and _lost(line)]
        for i in lost:
            asked[i] = replace(asked[i], previous="")
        self._again(lines, asked, lost, _GREEDY)
        if self.beam > 1:
            self._search_wider(lines, asked)
        for i, line in enumerate(lines):
            unsure = self.beam > 1 and line.text and not _good(line)
            if unsure or (asked[i].word_times and guards.repeats(line.text)):
                lines[i] = self._unlooped(asked[i], line)
        return lines

    def _again(
        self,
        lines: list[Decoded],
        windows: Sequence[Window],
        chosen: Sequence[int],
        search: Search,
    ) -> None:
        """Decode chosen windows once more, those with equal previous text at once."""
        for previous in {windows[i].previous for i in chosen}:
            group = [i for i in chosen if windows[i].previous == previous]
            fresh = self.decode([windows[i] for i in group], search)
            for i, line in zip(group, fresh, strict=True):
                lines[i] = line

    def _search_wider(self, lines: list[Decoded], windows: Sequence[Window]) -> None:
        """Ask a beam, which takes four times as long, about what greedy search is not
        sure of. The likelier text counts: now and then CTranslate2's beam ends at a
        worse one."""
        unsure = [i for i, line in enumerate(lines) if line.confidence < _SURE]
        wider = list(lines)
        self._again(wider, windows, unsure, Search(self.beam))
        for i in unsure:
            lines[i] = max(lines[i], wider[i], key=lambda line: line.confidence)

    def _unlooped(self, window: Window, line: Decoded) -> Decoded:
        """The best of further tries at a window whose text repeats itself."""
        recorded = self.beam > 1
        found = [line]
        longer = [frames for frames in _LONGER if frames > window.mel.shape[1]]
        for frames in longer if recorded else longer[:1]:
            found.append(self._once(window.lengthened(frames), Search(self.beam)))
            if _good(found[-1]):
                return found[-1]
        sound = [one for one in found if not guards.repeats(one.text)]
        if sound:
            return max(sound, key=lambda one: one.confidence)
        if recorded:
            window = window.lengthened(BUCKETS[-1])
        for temperature in _TEMPERATURES if recorded else ():
            found.append(self._once(window, Search(1, temperature)))
            if _good(found[-1]):
                return found[-1]
        strict = self._once(window, Search(1, no_repeat=_NO_REPEAT))
        # it cannot repeat itself any more, but may say other things that were not said
        return min([*found, strict], key=_looping)

    def _once(self, window: Window, search: Search) -> Decoded:
        return self.decode([window], search)[0]


def _good(line: Decoded) -> bool:
    return not guards.repeats(line.text) and line.confidence >= guards.UNSURE


def _looping(line: Decoded) -> tuple[bool, float]:
    """A sort key: what repeats no phrase comes first, however little it compresses."""
    return guards.repeats(line.text), guards.compression(line.text)


def _lost(line: Decoded) -> bool:
    return not line.text or line.confidence < guards.UNSURE
