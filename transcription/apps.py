from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"
    verbose_name = "Captions"

    def ready(self) -> None:
        from meetings import jobs, taps
        from meetings import languages as spoken
        from meetings.rooms import nodes
        from transcription import late_sound, second_pass
        from transcription.live.live_captions import LiveCaptions
        from transcription.models import Configuration
        from transcription.serving.recorded_model import RecordedModel
        from transcription.serving.server import ModelServer
        from transcription.speakers import telling
        from transcription.speech.model.whisper import LANGUAGES
        from transcription.tuning import snapshot

        self.live = LiveCaptions()
        self.server = ModelServer()
        self.recorded = RecordedModel()
        taps.audio.attach(self.live.hear)
        taps.sound_began.attach(self.live.begin)
        taps.sound_ended.attach(self.live.end)
        taps.meeting_ended.attach(self.live.finish)
        taps.tracks_ready.attach(second_pass.begin)
        taps.handed_in.attach(late_sound.begin)
        taps.transcript_came.attach(telling.hear_of)
        taps.language_changed.attach(Configuration.publish)
        spoken.known.update(LANGUAGES)
        spoken.offer.append(snapshot.offered)
        self.server.listeners.append(self.live.follow)
        nodes.parts["model"] = self.server.status
        jobs.register(
            "second_pass",
            second_pass.run,
            queue="transcription",
            label="Listening again",
        )
        jobs.register(
            "late_sound",
            late_sound.run,
            queue="transcription",
            label="Reading what was handed in",
        )
        jobs.register(telling.KIND, telling.run, queue="default", label=telling.LABEL)
