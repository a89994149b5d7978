"""The clean-up of what the model wrote: a list of steps, each pure, each under 1 ms.

A step takes a draft, the evidence and the rules, and returns a draft with less text and
the removals that say what it took out and why. To add one, write a file beside this one
and put its function into STEPS.
"""

from collections.abc import Callable

from transcription.speech.engine.captions import FilteredText
from transcription.speech.filters.draft import Cleaned, Draft, Evidence, Rules
from transcription.speech.filters.hallucinations import empty_bag
from transcription.speech.filters.loops import collapse_loops
from transcription.speech.filters.scripts import keep_scripts
from transcription.speech.filters.silence import remove_unvoiced

__all__ = ["STEPS", "Cleaned", "Draft", "Evidence", "Rules", "clean"]

Step = Callable[[Draft, Evidence, Rules], Cleaned]

# In this order: what has no sound is gone first, and a loop is one phrase to the bag.
STEPS: tuple[Step, ...] = (remove_unvoiced, collapse_loops, keep_scripts, empty_bag)


def clean(draft: Draft, evidence: Evidence, rules: Rules) -> Cleaned:
    """Run all steps; the removals are in the order of the steps."""
    removals: list[FilteredText] = []
    for step in STEPS:
        cleaned = step(draft, evidence, rules)
        draft = Draft(cleaned.text, cleaned.words)
        removals += cleaned.removals
    return Cleaned(draft.text, draft.words, tuple(removals))
