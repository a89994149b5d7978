from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"

    def ready(self) -> None:
        from meetings import jobs, nodes, taps
        from meetings import languages as spoken
        from transcription import languages, live, second_pass, serving
        from transcription.models import Configuration
        from transcription.speech.whisper import LANGUAGES

        taps.audio.attach(live.hear)
        taps.sound_began.attach(live.begin)
        taps.sound_ended.attach(live.end)
        taps.meeting_ended.attach(live.finish)
        taps.tracks_ready.attach(second_pass.begin)
        taps.language_changed.attach(Configuration.publish)
        spoken.known.update(LANGUAGES)
        spoken.offer.append(languages.offered)
        serving.listeners.append(live.follow)
        nodes.parts["model"] = serving.status
        jobs.register(
            "second_pass",
            second_pass.run,
            queue="transcription",
            label="Second pass",
        )
