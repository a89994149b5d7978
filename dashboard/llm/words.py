"""Words of sentences as the check of a model's answer compares them, by language."""

import re
import unicodedata
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
STEM = 5  # letters by which forms of a word are the same: send, sending
SHORTEST = 3  # letters of a word that says something


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.casefold().split())


STOP = _listed(
    # en
    "the a an and or but if of to in on "
    "at by for with from as is are was were be been "
    "being it its this that these those there "
    "here they them their he she his her him "
    "we us our you your i me my will would shall should can could may might must do "
    "does did have has had so then than also about into over after before again very "
    "just more most some any all both each "
    "other what which who whom whose when where "
    "why how up out off down own same too only now says said say asked ask asks told "
    # fr
    "le la les un une des et ou mais si de du au aux dans sur pour par avec sans est "
    "sont était être a ont avait il elle ils "
    "elles nous vous je tu ce cette ces que qui "
    "quoi dont où son sa ses leur leurs notre nos votre vos plus très se ne pas "
    # de
    "der die das den dem des ein eine einen "
    "einem einer und oder aber wenn von zu im in "
    "am an auf bei für mit aus als ist sind "
    "war waren sein es sie er wir ihr ich du dass "
    "dies diese dieser dieses haben hat hatte "
    "wird werden würde kann können soll sollen "
    "auch noch schon sehr nur so dann sich uns unser unsere ihre ihren "
    # es
    "el la los las un una unos unas y o pero "
    "si de del al en por para con sin es son era "
    "ser está están ha han había ella ellos "
    "ellas nosotros usted ustedes yo tú su sus "
    "nuestro este esta estos que quien cual cuando donde más muy se lo le les"
)
NEGATIONS = _listed(
    "not no never none nobody nothing "
    "neither nor without cannot unable refuse refused "
    "refuses decline declined declines "
    "pas jamais rien aucun aucune sans personne ni "
    "nicht kein keine keinen keinem keiner nie niemals nichts niemand ohne weder "
    "nunca jamás nada ninguno ninguna sin tampoco nadie"
)
CONDITIONS = _listed(
    "if unless provided assuming maybe perhaps might possibly probably "
    "si sauf peut-être wenn falls vielleicht sofern quizás quizá"
)
ASKING = _listed(
    "ask asks asked asking question questions whether wonder wonders wondered wants "
    "wanted know inquired demande demandé "
    "demander question savoir fragt fragte gefragt "
    "frage ob wissen pregunta preguntó preguntar saber"
)
FIRST_PERSON = _listed(
    "i i'll i'm i've i'd we we'll we're we've we'd my our us me "
    "je nous notre nos mon ma mes ich wir uns unser unsere mein meine "
    "yo nosotros nosotras nuestro nuestra mi mis"
)
NUMERALS = {
    word: value
    for value, words in {
        0: "zero null cero",
        1: "one un une eins uno",
        2: "two deux zwei dos twice",
        3: "three trois drei tres",
        4: "four quatre vier cuatro",
        5: "five cinq fünf cinco",
        6: "six sechs seis",
        7: "seven sept sieben siete",
        8: "eight huit acht ocho",
        9: "nine neuf neun nueve",
        10: "ten dix zehn diez",
        11: "eleven onze elf once",
        12: "twelve douze zwölf doce",
        13: "thirteen treize dreizehn trece",
        14: "fourteen quatorze vierzehn catorce",
        15: "fifteen quinze fünfzehn quince",
        16: "sixteen seize sechzehn dieciséis",
        17: "seventeen siebzehn diecisiete",
        18: "eighteen achtzehn dieciocho",
        19: "nineteen neunzehn diecinueve",
        20: "twenty vingt zwanzig veinte",
        30: "thirty trente dreißig treinta",
        40: "forty quarante vierzig cuarenta",
        50: "fifty cinquante fünfzig cincuenta",
        60: "sixty soixante sechzig sesenta",
        70: "seventy siebzig setenta",
        80: "eighty achtzig ochenta",
        90: "ninety neunzig noventa",
        100: "hundred cent hundert cien ciento",
        1000: "thousand mille tausend mil",
        1_000_000: "million millions millionen millón millones",
    }.items()
    for word in _listed(words)
}
ARTICLES = _listed("un une uno")  # and numbers: nobody can tell


def words(text: str) -> Iterator[str]:
    """As they are compared: case, width and kinds of apostrophes do not count."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return (found[0] for found in WORD.finditer(plain))


def content(text: str) -> set[str]:
    """Stems of the words that say something."""
    return {
        word[:STEM]
        for word in words(text)
        if len(word) >= SHORTEST and word not in STOP and not word.isdigit()
    }


def numbers(text: str) -> set[float]:
    """Every number, in figures or words; "twenty-five" is 25, "two hundred" 200."""
    plain = unicodedata.normalize("NFKC", text)
    found = {_figure(match[0]) for match in NUMBER.finditer(plain)}
    return found | set(_spelled(words(NUMBER.sub(" ", plain))))


def _figure(text: str) -> float:
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text)
    plain = re.sub(r"[.,]", "", text) if grouped else text.replace(",", ".")
    try:
        return float(plain.replace(":", "."))
    except ValueError:  # 1.2.3: a version, compared as the figures that it has
        return float(re.sub(r"\D", "", text))


def _spelled(spoken: Iterator[str]) -> Iterator[float]:
    total: float | None = None
    for word in spoken:
        value = NUMERALS.get(word)
        if value is None or word in ARTICLES:
            if total is not None:
                yield total
            total = None
        elif total is None:
            total = value
        elif value >= 100:
            total = total * value
        elif value < 10 <= total and total % 10 == 0:
            total += value
        else:
            yield total
            total = value
    if total is not None:
        yield total


def is_negative(text: str) -> bool:
    return any(word in NEGATIONS or word.endswith("n't") for word in words(text))


def is_first_person(text: str) -> bool:
    return any(word in FIRST_PERSON or word.startswith("j'") for word in words(text))


def has_condition(text: str) -> bool:
    return any(word in CONDITIONS for word in words(text))


def tells_of_a_question(text: str) -> bool:
    return text.rstrip().endswith("?") or any(word in ASKING for word in words(text))
