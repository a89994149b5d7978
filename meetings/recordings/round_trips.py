"""How long the line of each person was during a call, as its manifest tells."""

from collections import defaultdict
from contextlib import suppress

import structlog
from django.conf import settings

from meetings.media.egress.manifest import RecordingManifest
from meetings.models import Meeting

log = structlog.get_logger(__name__)

RoundTrips = dict[int, list[tuple[int, int]]]


def round_trips_of(meeting: Meeting) -> RoundTrips:
    """{participant id: [(at_ms, ms), ...]} in order of time; of imports, and of calls
    from before it was measured, nothing. A disk that is away is told in the log."""
    found: RoundTrips = defaultdict(list)
    manifest = RecordingManifest(settings.RECORDINGS_DIR / str(meeting.pk))
    try:
        notes = manifest.notes("round_trip")
    except OSError as error:
        log.warning("round trips cannot be read", call=meeting.code, error=str(error))
        return {}
    for note in notes:
        with suppress(KeyError, TypeError, ValueError):  # a line somebody has edited
            sample = int(note["at_ms"]), int(note["ms"])
            found[int(note["participant_id"])].append(sample)
    return {person: sorted(samples) for person, samples in found.items()}
