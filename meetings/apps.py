from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from meetings import finishing, imports, jobs, rights, taps

        jobs.register(
            "import", imports.convert, queue="default", label="Reading the files"
        )
        jobs.register(
            "repair",
            finishing.repair_tracks,
            queue="default",
            label="Closing the files",
        )
        jobs.register(
            "compose", finishing.compose, queue="default", label="Mixing the recording"
        )
        taps.meeting_ends.attach(finishing.begin)
        rights.watch_rows()
