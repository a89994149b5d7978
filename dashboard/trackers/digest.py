"""A mail a day with the new hits of the trackers that a person wants to hear of.

One mail per person, with names of calls and links, which need a sign-in, and no words
of a call: what is deleted here is not to live on in mailboxes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import Count, Min, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from dashboard.call.transcript import anchor_of
from dashboard.models import Alert
from meetings import jobs
from meetings.models import Job, Meeting
from meetings.times import clock

from . import alerts
from .alerts import News

log = structlog.get_logger(__name__)

KIND = "digest"
HOUR = 7  # of the day, in the site's zone
CALLS_PER_TRACKER = 10  # the others are on its page
TRIED_AGAIN = "The mail server did not take a mail; it is tried again."


@dataclass(frozen=True)
class CallInMail:
    meeting: Meeting
    hits: int
    first_ms: int

    @property
    def at(self) -> str:
        return clock(self.first_ms)

    @property
    def address(self) -> str:
        path = self.meeting.get_absolute_url()
        return f"{settings.PUBLIC_URL}{path}{anchor_of(self.first_ms)}"


def request_due() -> Job | None:
    """Ask for today's mails once, from HOUR on. Called in rounds."""
    if not settings.SENDS_MAIL or not _due().exists():
        return None
    day = timezone.localdate().isoformat()
    if Job.objects.filter(kind=KIND, payload={"day": day}).exists():
        return None
    return jobs.request(KIND, None, day=day)


def send(job: Job, progress: jobs.Progress) -> None:
    """Mail everybody who is due; whoever was mailed today is not any more."""
    people = list(User.objects.filter(pk__in=_due().values("user")))
    failed = False
    for number, person in enumerate(people):
        progress(number / len(people))
        failed |= not _mail(person)
    if failed:
        raise jobs.JobWaits(TRIED_AGAIN)


def _due() -> QuerySet[Alert]:
    """Alerts by mail that had none since the last HOUR o'clock."""
    now = timezone.localtime()
    today = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    last = today if now >= today else today - timedelta(days=1)
    return Alert.objects.filter(how=Alert.How.DAILY, mailed_at__lt=last)


def _mail(person: User) -> bool:
    """Send a mail if there are news; whether the mail server took it."""
    now = timezone.now()
    news = alerts.news_for(person, by_mail=True)
    if news and person.email and not _sent(person, news):
        return False
    Alert.objects.filter(user=person, how=Alert.How.DAILY).update(mailed_at=now)
    return True


def _sent(person: User, news: list[News]) -> bool:
    names = ", ".join(one.search.name for one in news)
    context = {
        "news": [(one, list(_calls(person, one))) for one in news],
        "site": settings.PUBLIC_URL,
    }
    text = render_to_string("dashboard/trackers/digest.txt", context)
    try:
        EmailMessage(f"New hits: {names}"[:150], text, to=[person.email]).send()
    except OSError as error:  # SMTPException is one, too
        log.error("a mail was not sent", mail="new hits", error=str(error))
        return False
    return True


def _calls(person: User, news: News) -> Iterator[CallInMail]:
    hits = alerts.new_hits(person, news.search, by_mail=True).order_by()
    by_call = hits.values("meeting").annotate(hits=Count("pk"), first=Min("start_ms"))
    found = {row["meeting"]: (row["hits"], row["first"]) for row in by_call}
    calls = Meeting.objects.filter(pk__in=found).prefetch_related("participants")
    newest = sorted(calls, key=_date, reverse=True)
    for meeting in newest[:CALLS_PER_TRACKER]:
        yield CallInMail(meeting, *found[meeting.pk])


def _date(meeting: Meeting) -> datetime:
    return meeting.date
