"""Where sentences end, and which of them ask something.

A model's "?" is not enough in every language, and is often left out: a sentence that
opens like a question is one as well. Tags ("right?") are too short to be any.
"""

import re
import unicodedata
from collections.abc import Iterator

from dashboard.stats.timeline import Sentence
from transcription.speech.engine.captions import UNSPACED

WORDS = 3  # a shorter sentence asks nothing that is worth an answer
MARKS = "?？؟"

_TOKEN = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_LETTER = re.compile(r"\w")
_ENDING = re.compile(r"[.!?…？؟](?:[\"'»”’)\]]*)(?=\s|$)|[。！？]")

# Two words at least: "When we met" is no question, "when do" is one.
_OPENINGS = {
    "en": r"(what|how|why|when|where|who|which) (do|does|did|is|are|was|were|can|could"
    r"|would|will|should|have|has)|how (much|many|long|often|soon|far)|(do|does|did|can"
    r"|could|would|will|are|have|has|is|should) (you|we|they|it|that|there)",
    "fr": r"(combien|comment|pourquoi|quand|où|quel|quelle|quels"
    r"|quelles) (de|est|sont|avez|allez|faites|pouvez|voulez)"
    r"|(avez|pouvez|voulez|pensez|êtes)-vous|est-ce que|qu'est-ce que",
    "de": r"(was|wie|warum|wann|wo|wer|welche|welcher|welches|wieso) (ist|sind|haben"
    r"|hat|können|kann|machen|wollen|würden|viel|viele|lange|oft)|(haben|können|könnten"
    r"|würden|wollen|möchten|sind|kennen|brauchen) (sie|wir|ihr)",
    "es": r"¿|(qué|cómo|cuándo|dónde|quién|cuál|cuánto|cuánta|cuántos|cuántas) "
    r"|por qué ",
}
_OPENS = {code: re.compile(rf"(?:{rule})\b") for code, rule in _OPENINGS.items()}
_OPENS["es"] = re.compile(_OPENINGS["es"])
_ENDS = {"ja": ("か。", "か", "かね。", "ですか。"), "zh": ("吗。", "吗", "呢。")}


def split(text: str) -> list[tuple[int, int]]:
    """(begin, end) of each sentence of ``text``, spaces around it left out."""
    ends = [found.end() for found in _ENDING.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    begins = [0, *ends[:-1]]
    return [
        (end - len(text[begin:end].lstrip()), begin + len(text[begin:end].rstrip()))
        for begin, end in zip(begins, ends, strict=True)
        if text[begin:end].strip()
    ]


def is_whole(text: str) -> bool:
    """Whether a sentence has its end."""
    found = list(_ENDING.finditer(text))
    return bool(found) and found[-1].end() == len(text)


def is_question(sentence: Sentence) -> bool:
    text = unicodedata.normalize("NFKC", sentence.text).strip().casefold()
    if sum(1 for _ in tokens(text)) < WORDS:
        return False
    if text.rstrip("\"'»”’) ").endswith(tuple(MARKS)):
        return True
    opens = _OPENS.get(sentence.language)
    ends = _ENDS.get(sentence.language, ())
    return bool(opens and opens.match(text)) or bool(ends and text.endswith(ends))


def tokens(text: str) -> Iterator[re.Match[str]]:
    """What one counts as words: what stands between spaces; of scripts that are written
    without them, each letter. The text says which it is: a language may be misheard."""
    return (found for found in _TOKEN.finditer(text) if _LETTER.search(found[0]))
