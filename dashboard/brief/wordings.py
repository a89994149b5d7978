"""How people commit to something, by language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """How a language commits; regular expressions, whatever the case."""

    will: str  # first person, sure: counts with a deed
    may: str  # offered, wished, proposed: counts with a deed and a day
    please: str  # asked of the other: counts with a deed
    deed: str
    day: str
    meet: str  # with a day, this is an appointment
    named: str  # counts by itself


WORDINGS = {
    "en": Wording(
        will=r"\b(i|we)('ll| will| shall| am going to|'m going to| are going to"
        r"|'re going to| need to| have to| must| promise to)\b",
        may=r"\b(i|we)('d| can| could| would| want to| plan to| hope to)\b"
        r"|\blet('s| me| us)\b",
        please=r"\bplease\b|\b(could|can|would|will) you\b|\bi need you to\b",
        deed=r"\b(send|call (you|me|us|back|them|him|her)|e-?mail|write|forward"
        r"|prepare|schedule|book|arrange|draft"
        r"|talk (to|with)|speak (to|with)|check (with|on|if|whether)|ask|confirm"
        r"|review|decide|sign|offer|provide|introduce|invite|set up|get back|come back"
        r"|follow up|look into|share (the|a|that|our)|find out|meet|discuss"
        r"|give you|get you|let you know|reach out|update you)\b",
        day=r"\b(today|tonight|tomorrow( morning| afternoon)?"
        r"|(by |on |next |this |before |until )?"
        r"(mon|tues|wednes|thurs|fri|satur|sun)day"
        r"|(by the )?end of (the |this |next )?(day|week|month|quarter|year)"
        r"|(next|this|later this) (week|month|quarter|year|morning|afternoon|evening)"
        r"|in (a|an|one|two|three|four|five|six|\d+) (hour|day|week|month)s?"
        r"|(january|february|march|april|june|july|august|september|october|november"
        r"|december) (the )?(\d+|first|second|third|fourth|fifth|tenth)\w*)\b",
        meet=r"\b(see you|(let's|we|us) (meet|talk|speak)"
        r"|(a|the|our|next) (call|demo|meeting)"
        r"|works for (me|us)|are you free|are you available|appointment)\b",
        named=r"\b(next steps? (is|are|would|will)|action items?)\b",
    ),
    "fr": Wording(
        will=r"\b(je|nous|on) (vais|allons|va|dois|devons|doit)\b"
        r"|\b(j'|je |nous |on )(vous |te |lui |leur )?\w+(erai|rons|irai|ra)\b",
        may=r"\b(je|nous|on) (peux|pouvons|peut|pourrais|pourrions|voudrais)\b"
        r"|\b(je|nous|on) (vous|te|le|la|lui|leur) ",
        please=r"\b(s'il vous plaît|s'il te plaît|merci de|(pouvez|pourriez)-vous"
        r"|vous (pouvez|pourriez))\b",
        deed=r"\b(envo[yi]|enverr|appel|rappel|écri|transf|prépar|planifi|organis"
        r"|parl|vérifi|demand|confirm|sign|propos|présent|revien|tien|transmet)\w*",
        day=r"\b(aujourd'hui|demain|ce soir|(lundi|mardi|mercredi|jeudi|vendredi|samedi"
        r"|dimanche)( prochain)?|(la )?semaine prochaine|(le )?mois prochain"
        r"|(d'ici |avant )?(la )?fin (de la semaine|du mois|de l'année)"
        r"|dans (un|une|deux|trois|\d+) (heure|jour|semaine|mois)s?)\b",
        meet=r"\b(à (lundi|mardi|mercredi|jeudi|vendredi|demain)|rendez-vous|réunion"
        r"|rappel|disponible|libre|ça me va|me convient)\b",
        named=r"\bprochaines? étapes?\b",
    ),
    "de": Wording(
        will=r"\b(ich|wir) (werde|werden|muss|müssen)\b|\b(werde|muss) ich\b"
        r"|\b(werden|müssen) wir\b|\b(schicke|sende|rufe|melde) ich\b"
        r"|\bich (schicke|sende|rufe|melde|kläre|prüfe|bespreche)\b",
        may=r"\b(ich|wir) (kann|können|könnte|könnten|möchte|möchten|würde|würden)\b"
        r"|\b(kann|könnte) ich\b|\b(können|könnten) wir\b|\blassen sie uns\b",
        please=r"\bbitte\b|\b(können|könnten|würden) sie\b",
        deed=r"\b(schick|send|zuschick|zusend|anruf|ruf|meld|schreib|prüf|klär|besprech"
        r"|besprich|vorbereit|vereinbar|bestätig|unterschreib|anbiet|biete|frag|nachfrag"
        r"|weiterleit|rücksprach|abstimm)\w*",
        day=r"\b(heute|morgen|übermorgen|(am |bis |nächsten |diesen )?(montag|dienstag"
        r"|mittwoch|donnerstag|freitag|samstag|sonntag)|(nächste|diese|kommende) woche"
        r"|(nächsten|diesen) monat|(bis )?ende (der|dieser|nächster) woche"
        r"|(bis )?ende des monats|monatsende"
        r"|in (einer|einem|zwei|drei|\d+) (stunde|tag|woche|monat)(n|en)?)\b",
        meet=r"\b(treffen|termin"
        r"|bis (montag|dienstag|mittwoch|donnerstag|freitag|morgen)"
        r"|telefonieren|passt mir|passt uns|haben sie zeit|sprechen)\b",
        named=r"\bnächste[rn]? schritte?\b",
    ),
    "es": Wording(
        will=r"\b(voy a|vamos a|tengo que|tenemos que|debo|debemos)\b"
        r"|\b(le |les |te |os |lo |la )?\w+(aré|eré|iré|aremos|eremos|iremos)\b",
        may=r"\b(puedo|podemos|podría|podríamos|quiero|queremos|me gustaría)\b",
        please=r"\b(por favor|puede|podría|podrían|pueden)\b",
        deed=r"\b(envi|env[ií]|mand|llam|escrib|prepar|agend|program|organiz|habl|revis"
        r"|pregunt|confirm|firm|ofre|present|avis|consult)\w*",
        day=r"\b(hoy|mañana|pasado mañana|(el )?(lunes|martes|miércoles|jueves|viernes"
        r"|sábado|domingo)( que viene)?|(la )?(próxima semana|semana que viene)"
        r"|(el )?(próximo mes|mes que viene)|fin(al)? de (semana|mes|año)"
        r"|en (un|una|dos|tres|\d+) (hora|día|semana|mes)(e?s)?)\b",
        meet=r"\b(reunión|nos vemos|cita|hablamos|me viene bien|disponible|libre)\b",
        named=r"\bpróximos? pasos?\b",
    ),
}
