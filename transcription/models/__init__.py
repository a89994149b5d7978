from .correction import Correction
from .hearing import CallToHear, EarlierLine, HearingAgain
from .language import Configuration, Language, Phrase
from .shared_track import SharedTrack
from .utterance import Removal, Utterance, UtteranceQuerySet

__all__ = [
    "CallToHear",
    "EarlierLine",
    "HearingAgain",
    "Configuration",
    "Correction",
    "Language",
    "Phrase",
    "Removal",
    "SharedTrack",
    "Utterance",
    "UtteranceQuerySet",
]
