"""Sentences of a sales call, drawn from two small grammars: English and French."""

import random
from typing import Literal

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


def _options(choices: str) -> list[str]:
    return [" ".join(choice.split()) for choice in choices.split("|")]


def _lines(bank: str) -> list[str]:
    return [line.strip() for line in bank.strip().splitlines()]


_ENGLISH_SLOTS = {
    "name": _options("""
        Anna | Ben | Carol | David | Emma | Frank | Grace | Henry | Julia |
        Kevin | Laura | Marco | Nina | Oscar | Paula | Robert | Sarah | Tom
    """),
    "company": _options("""
        Northwind | Acme | Globex | Initech | Umbrella | Contoso | Fabrikam |
        Vandelay
    """),
    "rival": _options("Salesforce | Gong | HubSpot | Zoom | Microsoft | Google"),
    "product": _options("""
        the platform | the dashboard | the mobile app | the new release | the
        recording tool | the reporting module | your product | our product | the
        integration | the search
    """),
    "team": _options("""
        sales team | support team | finance team | marketing team | security
        team | legal team | engineering team | product team
    """),
    "role": _options("""
        manager | director | vice president | engineer | account executive |
        buyer | team lead | customer
    """),
    "thing": _options("""
        the proposal | the contract | the quote | the invoice | the security
        review | the slides | the meeting notes | the transcript | the budget |
        the timeline | the price list | the trial account
    """),
    "day": _options("Monday | Tuesday | Wednesday | Thursday | Friday"),
    "month": _options("""
        January | February | March | April | May | June | July | August |
        September | October | November | December
    """),
    "when": _options("""
        tomorrow | next week | today | this afternoon | by the end of the month
        | next quarter | on {day} | in {month} | after the meeting | before
        {day}
    """),
    "num": _options("""
        two | three | four | five | six | seven | eight | nine | ten | twelve |
        fifteen | twenty | thirty | forty | fifty | sixty | one hundred | two
        hundred | five hundred
    """),
    "money": _options("{num} dollars | {num} thousand dollars | {num} euros"),
    "pain": _options("""
        our notes get lost | nobody updates the system | we miss follow ups |
        the reports are slow | it takes too long | we cannot find old calls |
        the data is wrong | new people need months to learn
    """),
    "goal": _options("""
        close more deals | save time | train new people | understand our
        customers | reduce cost | move faster | improve quality | share what
        works
    """),
    "adj": _options("""
        great | helpful | important | simple | difficult | expensive | cheap |
        fast | slow | clear | useful | secure | reliable
    """),
    "lang": _options("English | French | German | Spanish"),
}

_ENGLISH = _lines("""
    Hi {name}, thanks for joining the call.
    Hello everyone, this is {name} from {company}.
    Good morning {name}, how are you today?
    Can you hear me?
    Yes, I can hear you.
    Let me share my screen.
    Can you see my screen?
    I am the {role} of the {team} at {company}.
    We have {num} people in the {team}.
    Our biggest problem is that {pain}.
    Right now {pain}.
    We want to {goal}.
    How do you do that today?
    What does the process look like?
    What happens if you do nothing?
    How many people are in your {team}?
    How much do you pay for {rival}?
    We currently use {rival}.
    We looked at {rival} last year.
    {rival} is too {adj} for us.
    The price is {money} per user per month.
    The price is {money} per year.
    That is too expensive.
    That sounds {adj}.
    That is very {adj} for us.
    Can we get a discount?
    If you sign before {day}, I can offer {num} percent off.
    We have a budget of {money}.
    Who else needs to approve this?
    I need to talk to the {team} first.
    My {role} has to sign the contract.
    I will send you {thing} {when}.
    Please send me {thing} {when}.
    Could you send {thing} to {name}?
    Did you receive {thing}?
    I have a question about {thing}.
    I have a question about {product}.
    Let me explain how {product} works.
    You can search every call with one word.
    Every meeting is recorded with consent.
    The captions appear in real time.
    You can leave a comment on the transcript.
    The recording is stored on your own server.
    Does {product} work with {rival}?
    Does it support {lang}?
    Yes, it supports {lang} and {lang}.
    Is the data encrypted?
    Yes, all the data is encrypted.
    Where is the data stored?
    It runs in your own data center.
    How long does the setup take?
    The setup takes {num} minutes.
    The setup takes about {num} days.
    The trial is free for {num} days.
    When can we start?
    We can start {when}.
    Let us schedule another meeting {when}.
    Does {day} work for you?
    {day} at {num} works for me.
    I am not sure about that.
    I agree with {name}.
    That makes sense.
    Okay.
    Yes.
    No.
    Right.
    Exactly.
    Perfect.
    Sure.
    Thank you.
    Thank you very much.
    Great, thank you {name}.
    Sounds good.
    No problem.
    Of course.
    I see.
    What are the next steps?
    The next step is {thing}.
    The next step is a call with the {team}.
    {name} will join us {when}.
    I will talk to {name} {when}.
    We need {thing} {when}.
    Our {role} wants to {goal}.
    The most {adj} feature is the search.
    The {team} really likes {product}.
    The {team} needs {product} to {goal}.
    I think {product} is {adj}.
    We tried {product} and it was {adj}.
    Is {product} really {adj}?
    We lost the deal because {pain}.
    We won the deal because {product} is {adj}.
    In {month} we had {num} calls.
    In {month} we closed {num} deals.
    Last {month} was {adj}.
    It is {adj} to {goal}.
    Goodbye {name}.
    Have a nice day.
    See you {when}.
    Bye.
    Could you repeat that?
    Sorry, I was on mute.
    You are on mute.
    Can we talk about the price?
    Can we talk about security?
    The contract is for {num} months.
    The contract ends in {month}.
    We will cancel the contract in {month}.
    The customer asked for {thing}.
""")

_FRENCH_SLOTS = {
    "name": _options("""
        Anne | Benoît | Claire | David | Émilie | François | Julie | Marc |
        Nicolas | Sophie
    """),
    "thing": _options("""
        le contrat | la facture | le devis | la présentation | le budget | le
        calendrier | le compte rendu
    """),
    "team": _options("""
        équipe commerciale | équipe de support | équipe juridique | équipe de
        sécurité
    """),
    "when": _options("""
        demain | la semaine prochaine | aujourd'hui | lundi | mardi | mercredi |
        jeudi | vendredi | avant la fin du mois
    """),
    "num": _options("""
        deux | trois | quatre | cinq | six | sept | huit | neuf | dix | vingt |
        trente | cent
    """),
    "adj": _options("important | simple | difficile | rapide | lent | utile | clair"),
}

_FRENCH = _lines("""
    Bonjour {name}, merci de votre présence.
    Bonjour à tous, ici {name}.
    Est-ce que vous m'entendez ?
    Oui, je vous entends bien.
    Je vais partager mon écran.
    Quel est votre budget ?
    Nous avons un budget de {num} mille euros.
    Le prix est de {num} euros par mois.
    C'est trop cher pour nous.
    C'est très {adj}.
    Je vous envoie {thing} {when}.
    Pouvez-vous envoyer {thing} {when} ?
    Nous avons besoin de {thing} {when}.
    Notre {team} compte {num} personnes.
    Je dois en parler à notre {team}.
    Quand pouvons-nous commencer ?
    Nous pouvons commencer {when}.
    Quelles sont les prochaines étapes ?
    Merci beaucoup.
    D'accord.
    Oui.
    Non.
    Parfait.
    Au revoir {name}.
    Bonne journée.
    À {when}.
    L'essai est gratuit pendant {num} jours.
    Les données sont chiffrées.
    La réunion est enregistrée.
    Je ne suis pas sûr.
    C'est une bonne question.
    Nous avons perdu {num} clients.
    Nous voulons gagner du temps.
""")

_GRAMMARS = {"en": (_ENGLISH, _ENGLISH_SLOTS), "fr": (_FRENCH, _FRENCH_SLOTS)}
# slotted sentences carry more words: they are drawn three times as often
_WEIGHTS = {
    language: [3 if "{" in line else 1 for line in bank]
    for language, (bank, _) in _GRAMMARS.items()
}


def sentence(language: Language, rng: random.Random) -> str:
    """One sentence of the grammar of ``language``, every slot filled."""
    bank, slots = _GRAMMARS[language]
    text = rng.choices(bank, _WEIGHTS[language])[0]
    while "{" in text:
        start, end = text.index("{"), text.index("}")
        text = text[:start] + rng.choice(slots[text[start + 1 : end]]) + text[end + 1 :]
    return text[0].upper() + text[1:]


def paragraph(language: Language, rng: random.Random, count: int) -> str:
    """``count`` sentences in a row."""
    return " ".join(sentence(language, rng) for _ in range(count))
