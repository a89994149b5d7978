from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Calls"

    def ready(self) -> None:
        from meetings import jobs, rights, taps
        from meetings.imports.convert import convert
        from meetings.recordings import downloads, erasure, finishing, grid, one_video
        from meetings.rooms import waiting

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
        jobs.register(
            downloads.KIND,
            downloads.make,
            queue="default",
            label="Preparing the downloads",
        )
        jobs.register(grid.KIND, grid.make, queue="default", label="Making the video")
        jobs.register(
            one_video.KIND, one_video.make, queue="default", label="Making the MP4"
        )
        taps.meeting_ends.attach(finishing.begin)
        taps.meeting_ends.attach(waiting.forget)
        rights.watch_rows()
