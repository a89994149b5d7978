"""Ready-made trackers, in four languages: a beginning, to be changed.

Phrases are as people say them; names of competitors are for everybody to add.
"""

from dataclasses import dataclass
from typing import Any

from .wanted import WantedPhrases, written


@dataclass(frozen=True)
class ReadyMade:
    name: str
    about: str
    colour: int
    wanted: WantedPhrases

    @property
    def form(self) -> dict[str, Any]:
        return written(self.wanted)

    @property
    def examples(self) -> str:
        return ", ".join(self.wanted.phrases["en"][:4])


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in " ".join(text.split()).split(","))


PRICING = WantedPhrases(
    {
        "en": _phrases("""
            price, pricing, quote, discount, how much does it cost, how much is
            it, per seat, per user, license fee, list price, annual cost, setup
            fee, payment terms, rebate
        """),
        "fr": _phrases("""
            prix, tarif, remise, ristourne, devis, combien ça coûte, combien
            coûte, par utilisateur, coût annuel, frais d'installation, conditions
            de paiement, grille tarifaire
        """),
        "de": _phrases("""
            Preis, Preisliste, Rabatt, Angebotspreis, Nachlass, was kostet, wie
            viel kostet, pro Nutzer, pro Arbeitsplatz, Lizenzkosten, jährliche
            Kosten, Einrichtungsgebühr, Zahlungsbedingungen
        """),
        "es": _phrases("""
            precio, tarifa, descuento, presupuesto, cotización, cuánto cuesta,
            cuánto vale, por usuario, coste anual, costo anual, gastos de
            instalación, condiciones de pago
        """),
    },
    without=("at any price", "à tout prix", "um jeden Preis", "a cualquier precio"),
    related=True,
)

COMPETITORS = WantedPhrases(
    {
        "en": _phrases("""
            competitor, other vendor, another vendor, other provider, another
            provider, other supplier, alternatives, currently using, already
            using, compared to, also looking at, also talking to, switch from
        """),
        "fr": _phrases("""
            concurrent, concurrence, autre fournisseur, autre prestataire, autre
            solution, alternative, nous utilisons déjà, actuellement nous
            utilisons, par rapport à, nous regardons aussi
        """),
        "de": _phrases("""
            Wettbewerber, Mitbewerber, Konkurrenz, anderer Anbieter, anderen
            Anbieter, andere Anbieter, Alternative, im Vergleich zu, nutzen
            bereits, verwenden bereits, schauen uns auch
        """),
        "es": _phrases("""
            competidor, competencia, otro proveedor, otra solución, alternativa,
            ya usamos, ya utilizamos, actualmente usamos, en comparación con,
            también estamos mirando
        """),
    },
    related=True,
)

NEXT_STEPS = WantedPhrases(
    {
        "en": _phrases("""
            next step, action item, follow up, I will send, I'll send, we will
            send, send you the, get back to you, schedule a call, set up a call,
            set up a meeting, book a demo, send me the contract, talk again
        """),
        "fr": _phrases("""
            prochaine étape, je vous envoie, je vous enverrai, nous vous
            enverrons, je reviens vers vous, je vous rappelle, fixer un
            rendez-vous, prendre rendez-vous, planifier une réunion, on se reparle
        """),
        "de": _phrases("""
            nächster Schritt, nächste Schritte, ich schicke Ihnen, ich sende
            Ihnen, wir schicken Ihnen, ich melde mich, einen Termin vereinbaren,
            Termin ausmachen, auf Sie zukommen, wir sprechen uns
        """),
        "es": _phrases("""
            próximo paso, siguiente paso, le envío, le enviaré, te envío, te
            enviaré, le mandaré, agendar una llamada, agendar una reunión,
            programar una reunión, volvemos a hablar
        """),
    },
    related=True,
)

OBJECTIONS = WantedPhrases(
    {
        "en": _phrases("""
            too expensive, not in budget, not in the budget, no budget, can't
            afford, cannot afford, not a priority, not the right time, bad timing,
            need to think about it, have to think about it, I'll have to ask, have
            to ask my, not convinced, no need for, we are happy with, too
            complicated, locked in
        """),
        "fr": _phrases("""
            trop cher, trop chère, pas de budget, pas dans le budget, hors budget,
            pas une priorité, pas le bon moment, il faut que j'y réfléchisse, je
            dois y réfléchir, je dois demander, pas convaincu, pas convaincue,
            trop compliqué, nous sommes satisfaits
        """),
        "de": _phrases("""
            zu teuer, kein Budget, nicht im Budget, keine Priorität, nicht der
            richtige Zeitpunkt, falscher Zeitpunkt, muss darüber nachdenken, muss
            ich nachfragen, muss erst fragen, nicht überzeugt, kein Bedarf, zu
            kompliziert, sind zufrieden mit
        """),
        "es": _phrases("""
            demasiado caro, demasiado cara, muy caro, no hay presupuesto, no
            tenemos presupuesto, fuera de presupuesto, no es una prioridad, no es
            el momento, tengo que pensarlo, tengo que consultarlo, no estoy
            convencido, no estoy convencida, demasiado complicado
        """),
    },
    side="them",
)

SECURITY = WantedPhrases(
    {
        "en": _phrases("""
            security, encrypted, encryption, data protection, privacy, GDPR,
            compliance, audit log, single sign-on, two-factor, penetration test,
            SOC 2, ISO 27001, where is the data, on premise, data processing
            agreement
        """),
        "fr": _phrases("""
            sécurité, chiffré, chiffrement, protection des données,
            confidentialité, RGPD, conformité, journal d'audit, authentification
            unique, double authentification, test d'intrusion, ISO 27001, où sont
            les données, hébergement des données
        """),
        "de": _phrases("""
            Sicherheit, verschlüsselt, Verschlüsselung, Datenschutz, DSGVO,
            Compliance, Auftragsverarbeitung, Zwei-Faktor, Penetrationstest, ISO
            27001, wo liegen die Daten, wo werden die Daten, Serverstandort
        """),
        "es": _phrases("""
            seguridad, cifrado, encriptado, protección de datos, privacidad, RGPD,
            cumplimiento, registro de auditoría, inicio de sesión único, doble
            factor, prueba de penetración, ISO 27001, dónde están los datos
        """),
    },
)

SETS = {
    "pricing": ReadyMade("Pricing", "Prices, discounts, terms", 4, PRICING),
    "competitors": ReadyMade(
        "Competitors", "Other vendors; add their names", 3, COMPETITORS
    ),
    "next-steps": ReadyMade("Next steps", "Who does what next", 2, NEXT_STEPS),
    "objections": ReadyMade(
        "Objections", "What customers say against it", 1, OBJECTIONS
    ),
    "security": ReadyMade("Security", "Encryption, privacy, audits", 5, SECURITY),
}
