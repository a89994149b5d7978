"""Rows of the review side, a file per noun."""

from .aim import FigureAim
from .alert import Alert
from .bookmark import Bookmark
from .brief import BriefLine
from .draft import DraftMoment, DraftSentence, ModelDraft
from .export import Export
from .figures import StoredFigure, StoredFigureQuerySet
from .hit import Hit
from .label import Label
from .saved_search import SavedSearch
from .strip import TalkStrip
from .turn import IndexedTurn, Turn

__all__ = [
    "Alert",
    "Bookmark",
    "BriefLine",
    "DraftMoment",
    "DraftSentence",
    "Export",
    "FigureAim",
    "Hit",
    "IndexedTurn",
    "Label",
    "ModelDraft",
    "SavedSearch",
    "StoredFigure",
    "StoredFigureQuerySet",
    "TalkStrip",
    "Turn",
]
