"""What happened around a recording stands in its manifest."""

import json
from pathlib import Path
from typing import Any

import pytest

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.egress.notes import ManifestNotes
from meetings.media.events import Compared, MutedChanged, SoundBegan
from tests.meetings.media.conftest import CallHost, Enter


def noted(folder: Path, event: str) -> list[dict[str, Any]]:
    return [n for n in RecordingManifest(folder).notes() if n["event"] == event]


async def test_it_tells_the_story_of_a_recording(host: CallHost, enter: Enter) -> None:
    ann, _ = await enter("ann", camera=True, video=True)
    await host.until(lambda: len(host.pcm.get("ann", [])) > 50)

    async def change() -> None:
        host.room.note_muted("ann", True)
        host.room.note_muted("nobody", True)
        await host.room.set_recorded("ann", False)

    await host.server.loop.call(change())
    await host.server.close_room("standup")
    names = [note["event"] for note in RecordingManifest(host.record_dir).notes()]
    assert names[0] == "joined" and names[-1] == "left"
    assert names.index("muted") < names.index("compared") < names.index("consent")
    (muted,) = noted(host.record_dir, "muted")
    assert (muted["participant_id"], muted["muted"]) == ("ann", True)
    assert muted["at_ms"] >= 1000
    (size,) = noted(host.record_dir, "resolution")
    assert (size["source"], size["width"], size["height"]) == ("camera", 64, 48)
    (joined,) = noted(host.record_dir, "joined")
    assert "Ann" not in json.dumps(joined) and "session_id" not in joined


async def test_the_file_has_what_captions_heard(host: CallHost, enter: Enter) -> None:
    await enter("ann", loss=0.05)
    await host.until(lambda: len(host.pcm.get("ann", [])) > 100)
    await host.server.close_room("standup")
    (compared,) = noted(host.record_dir, "compared")
    (segment,) = RecordingManifest(host.record_dir).load().values()
    assert compared["written_ms"] == compared["heard_ms"] == segment.sound_ms
    assert 1500 < segment.sound_ms < segment.duration_ms


@pytest.mark.parametrize(
    ("written", "heard", "apart"),
    [
        (60_000, 60_000, False),
        (60_000, 59_750, False),
        (60_000, 59_500, True),
        (0, 150, True),
        (60, 0, False),
    ],
)
def test_half_a_per_cent_is_apart(written: int, heard: int, apart: bool) -> None:
    assert Compared("room", "ann", 0, written, heard).apart is apart


async def test_sound_that_the_file_lacks_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notes = ManifestNotes(tmp_path)
    notes.hear(Compared("room", "ann", 90_000, 60_000, 90_000))
    notes.hear(SoundBegan("room", "ann", 0))  # nothing to be noted
    await notes.close()
    assert "the file has 60000 ms of sound, captions had 90000" in caplog.text
    assert [note["event"] for note in RecordingManifest(tmp_path).notes()] == [
        "compared"
    ]


async def test_a_disk_that_is_gone_costs_a_note_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = tmp_path / "unmounted"
    notes = ManifestNotes(gone)
    notes.hear(MutedChanged("room", "ann", 1, True))
    await notes.close()
    assert "is not in the manifest" in caplog.text
    gone.mkdir()
    assert RecordingManifest(gone).notes() == []


async def test_a_torn_note_is_left_out(tmp_path: Path) -> None:
    manifest = RecordingManifest(tmp_path)
    manifest.note("muted", {"participant_id": "ann", "at_ms": 1, "muted": True})
    with manifest.path.open("ab") as file:
        file.write(b'\n{"event": "muted", "part')
    manifest.note("muted", {"participant_id": "bob", "at_ms": 2, "muted": True})
    people = [note["participant_id"] for note in manifest.notes()]
    assert people == ["ann", "bob"]
    assert manifest.load() == {}


def test_notes_of_who_is_deleted_go_with_them(tmp_path: Path) -> None:
    manifest = RecordingManifest(tmp_path)
    for person in ("1", "2"):
        manifest.note("muted", {"participant_id": person, "at_ms": 1, "muted": True})
    manifest.keep({"2"})
    assert [note["participant_id"] for note in manifest.notes()] == ["2"]
