from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Calls"

    def ready(self) -> None:
        from meetings import jobs, rights, taps
        from meetings.imports.convert import convert
        from meetings.recordings import erasure, finishing

        jobs.register("import", convert, queue="default", label="Reading the files")
        jobs.register(
            "repair",
            finishing.repair_tracks,
            queue="default",
            label="Closing the files",
        )
        jobs.register(
            "compose", finishing.compose, queue="default", label="Mixing the recording"
        )
        jobs.register(
            "erase",
            erasure.clean_up,
            queue="default",
            label="Deleting a person's data",
        )
        taps.meeting_ends.attach(finishing.begin)
        rights.watch_rows()
