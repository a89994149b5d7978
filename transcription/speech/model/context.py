"""What the model is told was said before a window: a site's names and its style."""

from collections.abc import Callable

from transcription.speech.filters import Rules

RulesFor = Callable[[str], Rules]


def previous_text(language: str | None, rules_for: RulesFor) -> str:
    """The vocabulary as a list, then the prompt, as the language's rules are now.

    Empty when there is neither, or while the language is not known. The prompt comes
    last: what is written next follows its style, and when both are too long it is the
    list that loses its beginning.
    """
    if not language:
        return ""
    rules = rules_for(language)
    names = ", ".join(rules.vocabulary)
    return " ".join(part for part in (names and f"{names}.", rules.prompt) if part)
