from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from dashboard.search import sqlite
        from dashboard.search.jobs import forget_person, index, request_index
        from meetings import jobs, taps

        jobs.register("index", index, queue="default", label="Preparing the search")
        taps.meeting_ended.attach(request_index)
        taps.transcript_changed.attach(request_index)
        taps.person_erased.attach(forget_person)
        post_migrate.connect(sqlite.mend, sender=self)
