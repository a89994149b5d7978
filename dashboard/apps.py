from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Reads what the other chapters tell: calls that ended, lines that changed."""

    name = "dashboard"

    def ready(self) -> None:
        self._register_jobs()
        self._listen()

    def _register_jobs(self) -> None:
        from dashboard.exports import pack
        from dashboard.llm import writing
        from dashboard.search.jobs import index
        from dashboard.stats import stored
        from dashboard.trackers import backfill, digest
        from meetings import jobs

        for kind, run, label in (
            ("index", index, "Preparing the search"),
            ("figures", stored.compute, "Computing statistics"),
            (backfill.KIND, backfill.fill, "Looking through earlier calls"),
            (digest.KIND, digest.send, "Mailing new hits of trackers"),
            (pack.KIND, pack.pack, "Packing calls"),
        ):
            jobs.register(kind, run, queue="default", label=label)
        for kind, run, label in (
            ("summarise", writing.summarise, "Summing up"),
            ("answer", writing.answer, "Answering"),
        ):
            jobs.register(kind, run, queue="language", label=label)

    def _listen(self) -> None:
        from django.db.models.signals import post_migrate, post_save, pre_delete

        from dashboard.exports import keeping
        from dashboard.llm import writing
        from dashboard.search import labels, sqlite
        from dashboard.search.jobs import forget_person, request_index
        from meetings import taps
        from meetings.models import Meeting, Participant

        taps.meeting_ended.attach(request_index)
        taps.transcript_changed.attach(request_index)
        taps.person_erased.attach(forget_person)
        taps.person_erased.attach(writing.forget)
        post_save.connect(labels.meeting_saved, sender=Meeting)
        post_save.connect(labels.person_saved, sender=Participant)
        for kind in (Meeting, Participant):
            pre_delete.connect(keeping.forget_deleted, sender=kind)
        post_migrate.connect(sqlite.mend, sender=self)
