"""Related forms of a word, by the rules of its language: price, prices, pricing.

Rules of endings, no dictionary: irregular forms are missing, and some of what is made
is no word at all, which nobody says. A language without rules has the word as it is.
Words come normalised (dashboard.search.normal): "négociér" is "negocier" here.
"""

import re
from collections.abc import Callable, Iterator

SHORTEST = 4  # letters; shorter words are mostly grammar
VOWELS = "aeiouy"


def forms(word: str, language: str) -> set[str]:
    """``word`` with its related forms; always with the word itself."""
    rules = RULES.get(language)
    if rules is None or len(word) < SHORTEST or not word.isalpha():
        return {word}
    return {word, *rules(word)}


def _english(word: str) -> Iterator[str]:
    for base in _english_bases(word):
        yield base
        yield from (base + "ing", base + "ed", base + "er", base + "ers")
        if base.endswith("e"):
            yield from (base + "s", base + "d", base[:-1] + "ing", base + "r")
            yield base + "rs"
        elif re.search("[^aeiou]y$", base):
            yield from (base[:-1] + "ies", base[:-1] + "ied")
        elif re.search("(s|x|z|ch|sh)$", base):
            yield base + "es"
        else:
            yield base + "s"
        if re.search("[^aeiou][aeiou][bdgklmnprt]$", base):
            double = base + base[-1]
            yield from (double + "ed", double + "ing", double + "er")


def _english_bases(word: str) -> set[str]:
    """What a word may be a form of; itself, if no ending says otherwise."""
    bases: set[str] = set()
    if word.endswith("ies"):
        bases.add(word[:-3] + "y")
    elif re.search("(s|x|z|ch|sh)es$", word):
        bases |= {word[:-2], word[:-1]}
    elif re.search("[^siu]s$", word):
        bases.add(word[:-1])
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3 and re.search(f"[{VOWELS}]", stem):
            doubled = re.search(r"([bdgklmnprt])\1$", stem)
            bases |= {stem[:-1]} if doubled else {stem, stem + "e"}
            if stem.endswith("i"):
                bases.add(stem[:-1] + "y")
    return bases or {word}


def _french(word: str) -> Iterator[str]:
    if word.endswith("er") and len(word) > SHORTEST:
        endings = "er e es ons ez ent ee ees ant ais ait aient era erai erons a ont"
        yield from _with(word[:-2], endings)
        return
    base = re.sub("(s|x)$", "", word)
    yield from _with(base, " s x e es")
    if base.endswith("al"):
        yield base[:-1] + "ux"
    if base.endswith("au"):
        yield base[:-1] + "l"


def _german(word: str) -> Iterator[str]:
    if word.endswith("en") and len(word) > 5:  # a verb, or a plural
        stem = word[:-2]
        yield from _with(stem, " e en st t te ten tet est et")
        yield from ("ge" + stem + "t", "ge" + stem + "en")
        if stem[-1] in "td":
            yield from (stem + "ete", stem + "eten", "ge" + stem + "et")
        return
    base = word[:-1] if word.endswith("e") else word
    yield from _with(base, " e en er ern es em n s")


def _spanish(word: str) -> Iterator[str]:
    verb = re.fullmatch("(.{2,})(ar|er|ir)", word)
    if verb:
        stem, kind = verb.groups()
        yield from _with(stem, SPANISH_VERBS[kind])
        return
    base = re.sub("(?<=[aeiou])s$", "", word)
    yield from (base, base + "s")
    if base[-1] in "ao":
        yield from _with(base[:-1], "a o as os")
    elif base[-1] == "e" and word.endswith("es"):
        yield base[:-1]  # precio-nes: a consonant before it
    elif base[-1] == "z":
        yield base[:-1] + "ces"
    elif base[-1] not in "aeiou":
        yield base + "es"


def _with(stem: str, endings: str) -> list[str]:
    return [stem + ending for ending in endings.split(" ")]


_AR = "ar o as a amos an e aste o aron aba aban ado ada ados adas ando are ara aremos"
_ER = "er o es e emos en i iste io ieron ia ian ido ida idos idas iendo ere era eremos"
_IR = "ir o es e imos en i iste io ieron ia ian ido ida idos idas iendo ire ira iremos"
SPANISH_VERBS = {"ar": _AR, "er": _ER, "ir": _IR}

RULES: dict[str, Callable[[str], Iterator[str]]] = {
    "en": _english,
    "fr": _french,
    "de": _german,
    "es": _spanish,
}
