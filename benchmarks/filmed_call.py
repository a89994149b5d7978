"""An ended call of people with their cameras on, of which a film is to be made."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from meetings.media.writers import PictureWriter

PEOPLE = 4
SIZE = (640, 360)
RATE = 20  # pictures/s
STEP = 4  # pixels from a picture to the next
SOUND = Path(__file__).parent.parent / "tests" / "espeak_call" / "anna.ogg"


def make(seconds: int) -> int:
    """Ask for its film at the site of this process's settings; the meeting's id."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from meetings import jobs, services
    from meetings.models import Meeting, Track
    from meetings.models.recording import folder_of

    owner = User.objects.get(username="admin")
    meeting: Meeting = services.create_meeting(owner, "Filmed")
    link = services.guest_link(meeting, owner)
    folder, length = folder_of(meeting), seconds * 1000
    folder.mkdir(parents=True, exist_ok=True)
    picture = _picture(folder / "picture.webm", seconds)
    for number in range(PEOPLE):
        person = services.admit_guest(link, f"Guest {number}", "recorded", "127.0.0.1")
        (folder / f"{number}.ogg").write_bytes(SOUND.read_bytes())
        (folder / f"{number}.webm").hardlink_to(picture)
        row = {"participant": person, "state": "closed", "duration_ms": length}
        Track.objects.create(**row, source="microphone", file=f"{number}.ogg")
        Track.objects.create(**row, source="camera", file=f"{number}.webm")
    picture.unlink()
    Meeting.objects.filter(pk=meeting.pk).update(
        state="ended", started_at=timezone.now(), duration_ms=length
    )
    meeting.refresh_from_db()
    jobs.request("compose", meeting)  # which asks for the film
    return meeting.pk


def _picture(path: Path, seconds: int) -> Path:
    """Noise in large blocks that moves: neither a still nor the worst case."""
    pictures = _encoded()
    writer = PictureWriter(path, "vp8", pictures[0][0])
    for n in range(seconds * RATE):
        data, is_key = pictures[n % len(pictures)]
        writer.write(data, n * 1000 // RATE, is_key)
    writer.close()
    return path


def _encoded() -> list[tuple[bytes, bool]]:
    """Until it has moved once around; from its key frame on it may be shown again."""
    encoder: Any = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, RATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    blocks = np.random.default_rng(0).integers(0, 255, (9, 16, 3), np.uint8)
    whole = blocks.repeat(40, axis=0).repeat(40, axis=1)
    packets = []
    for n in range(SIZE[0] // STEP):
        frame = av.VideoFrame.from_ndarray(np.roll(whole, STEP * n, axis=1), "rgb24")
        frame.pts = n
        packets += encoder.encode(frame)
    return [(bytes(packet), packet.is_keyframe) for packet in packets]
