from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        from dashboard.search.jobs import forget_person, index, request_index
        from meetings import jobs, taps

        jobs.register("index", index, queue="default", label="Preparing the search")
        taps.meeting_ended.attach(request_index)
        taps.transcript_changed.attach(request_index)
        taps.person_erased.attach(forget_person)
