from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"
    verbose_name = "Captions"

    def ready(self) -> None:
        from meetings import jobs, taps
        from meetings import languages as spoken
        from meetings.rooms import nodes
        from transcription import second_pass
        from transcription.live.live_captions import LiveCaptions
        from transcription.models import Configuration
        from transcription.serving.server import ModelServer
        from transcription.speech.model.whisper import LANGUAGES
        from transcription.tuning import snapshot

        self.live = LiveCaptions()
        self.server = ModelServer()
        taps.audio.attach(self.live.hear)
        taps.sound_began.attach(self.live.begin)
        taps.sound_ended.attach(self.live.end)
        taps.meeting_ended.attach(self.live.finish)
        taps.tracks_ready.attach(second_pass.begin)
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
