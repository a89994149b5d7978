from .language import Configuration, Language, Phrase
from .utterance import Removal, Utterance, UtteranceQuerySet

__all__ = [
    "Configuration",
    "Language",
    "Phrase",
    "Removal",
    "Utterance",
    "UtteranceQuerySet",
]
