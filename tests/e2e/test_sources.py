"""Programs that nobody here wrote publish into a call, and play one."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import barriers_in_both_themes
from tests.e2e.conftest import DESKTOP, PHONE, Browse, Server
from tests.e2e.test_call import (
    guest_link,
    join,
    open_meeting,
    screenshot,
    sign_in,
    wait_until,
)

pytestmark = pytest.mark.e2e

SOUND = ("-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000")
PICTURE_WIDTH = 320
PICTURE = ("-re", "-f", "lavfi", "-i", f"testsrc=size={PICTURE_WIDTH}x240:rate=15")
H264 = "-c:v libx264 -profile:v baseline -tune zerolatency -bf 0 -g 30 -pix_fmt yuv420p"
OPUS = "-c:a libopus -ar 48000 -ac 2"
SEES = """
(width) => [...document.querySelectorAll("video")].some(
  (video) => video.videoWidth === width && video.currentTime > 1)
"""
TOLD = """
SELECT source.state, source.reason FROM meetings_source source
JOIN meetings_meeting meeting ON meeting.id = source.meeting_id WHERE meeting.code = ?
"""
FILES = """
SELECT track.state, track.file FROM meetings_track track
JOIN meetings_participant person ON person.id = track.participant_id
JOIN meetings_meeting meeting ON meeting.id = person.meeting_id WHERE meeting.code = ?
"""

PUBLISH = """
async ([address, token]) => {
  const SDP = "application/sdp";
  const peer = (window.publisher = new RTCPeerConnection());
  const sound = new AudioContext();
  const tone = new OscillatorNode(sound, { frequency: 660 });
  const heard = new MediaStreamAudioDestinationNode(sound);
  tone.connect(heard);
  tone.start();
  const canvas = document.body.appendChild(document.createElement("canvas"));
  const paint = canvas.getContext("2d");
  setInterval(() => paint.fillRect(0, 0, Math.random() * 300, 150), 50);
  peer.addTrack(heard.stream.getTracks()[0]);
  peer.addTrack(canvas.captureStream(20).getTracks()[0]);
  await peer.setLocalDescription();
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": SDP };
  const body = peer.localDescription.sdp;
  const answer = await fetch(address, { method: "POST", headers, body });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return new URL(answer.headers.get("Location"), address).href;
}
"""
PLAY = """
async ([address, token]) => {
  const SDP = "application/sdp";
  const peer = (window.player = new RTCPeerConnection());
  for (const kind of ["audio", "video"])
    peer.addTransceiver(kind, { direction: "recvonly" });
  await peer.setLocalDescription();
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": SDP };
  const body = peer.localDescription.sdp;
  const answer = await fetch(address, { method: "POST", headers, body });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return answer.status;
}
"""
RECEIVED = """
async () => {
  const report = [...(await window.player.getStats()).values()];
  const inbound = report.filter(({ type }) => type === "inbound-rtp");
  const of = (kind) => inbound.find((stat) => stat.kind === kind) ?? {};
  return [of("audio").packetsReceived ?? 0, of("video").framesDecoded ?? 0];
}
"""


def rows(server: Server, question: str, code: str) -> list[Any]:
    database = f"file:{server.env['DATA_DIR']}/db.sqlite3?mode=ro"
    with closing(sqlite3.connect(database, uri=True)) as connection:
        return connection.execute(question, [code]).fetchall()


def state(server: Server, code: str) -> str:
    return str(rows(server, TOLD, code)[0][0])


def add(server: Server, code: str = "new") -> tuple[str, str, str]:
    """Code of the call, address and token."""
    told = server.manage("add_source", code, "--kind", "whip", "--name", "Studio")
    code, address, token = told.splitlines()[-1].split(" ")
    return code, address, token


def ffmpeg(address: str, token: str, *words: str) -> "subprocess.Popen[str]":
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *words]
    return subprocess.Popen(
        [*command, "-f", "whip", "-authorization", token, address],
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def rep(server: Server, browse: Browse) -> Iterator[Page]:
    context = browse(permissions=["clipboard-read", "clipboard-write"])
    yield sign_in(context, server)


def test_ffmpeg_is_somebody_in_a_call(server: Server, rep: Page) -> None:
    code, address, token = add(server)
    rep.goto(f"{server.url}/room/{code}/")
    join(rep, "Join unrecorded")
    program = ffmpeg(
        address, token, *SOUND, *PICTURE, "-t", "12", *H264.split(), *OPUS.split()
    )
    person = rep.locator("[data-participant]", has_text="Studio").first
    expect(person).to_be_visible()
    wait_until(lambda: state(server, code) == "publishing", 15)
    rep.wait_for_function(SEES, arg=PICTURE_WIDTH)
    screenshot(rep, "source-picture")
    _, said = program.communicate(timeout=60)
    assert program.returncode == 0, said
    wait_until(lambda: state(server, code) == "complete")
    expect(person).to_have_count(0)
    files = {Path(file).suffix: state for state, file in rows(server, FILES, code)}
    assert files == {".ogg": "closed", ".mp4": "closed"}
    for _, file in rows(server, FILES, code):
        assert 8 < duration(server, file) < 14


def test_an_encoder_calls_with_what_was_pasted(server: Server, rep: Page) -> None:
    code = open_meeting(rep)
    rep.get_by_role("button", name="Sources").click()
    dialog = rep.get_by_role("dialog", name="Sources")
    kind = dialog.get_by_label("How it comes in")
    kind.select_option(label="SRT: a broadcast stream is pulled")
    expect(dialog.get_by_label("Address to pull from")).to_be_visible()
    kind.select_option(label="SRT: an encoder sends (OBS, hardware)")
    expect(dialog.get_by_label("Address to pull from")).to_be_hidden()
    dialog.get_by_label("Name in the call").fill("Stage")
    dialog.get_by_role("button", name="Add source").click()
    given = dialog.get_by_label("Address to send to")
    expect(given).to_have_value(re.compile("^srt://127.0.0.1:"))
    address = given.input_value()
    assert barriers_in_both_themes(rep) == []
    screenshot(rep, "sources-srt")
    rep.set_viewport_size(PHONE)
    screenshot(rep, "sources-srt-phone")
    assert rep.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    rep.set_viewport_size(DESKTOP)

    aac = ("-c:a", "aac", "-f", "mpegts")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", *SOUND, *aac, address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as encoder:
        expect(dialog.get_by_text("SRT · Publishing")).to_be_visible()
        dialog.get_by_role("button", name="Stop Stage").click()
        assert encoder.wait(20) != 0
    expect(dialog.get_by_text("SRT · Stopped")).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    rep.get_by_role("button", name="Sources").click()
    expect(given).to_be_hidden()
    assert state(server, code) == "inactive"


def duration(server: Server, file: str) -> float:
    """Seconds of sound or pictures in a recorded file."""
    import av

    (path,) = Path(server.env["DATA_DIR"], "recordings").glob(f"*/{file}")
    with av.open(str(path)) as container:
        frames = list(container.decode(container.streams[0]))
    times = [float(frame.pts * frame.time_base) for frame in frames]  # type: ignore
    return times[-1] - times[0]


def test_ffmpeg_sends_sound_alone(server: Server) -> None:
    code, address, token = add(server)
    program = ffmpeg(address, token, *SOUND, "-t", "5", *OPUS.split())
    wait_until(lambda: state(server, code) == "publishing", 15)
    _, said = program.communicate(timeout=60)
    assert program.returncode == 0, said
    wait_until(lambda: state(server, code) == "complete")


def test_ffmpeg_with_a_wrong_token_is_told(server: Server) -> None:
    code, address, _ = add(server)
    program = ffmpeg(address, "x" * 32, *SOUND, "-t", "3", *OPUS.split())
    _, said = program.communicate(timeout=60)
    assert program.returncode != 0
    assert "401" in said
    assert state(server, code) == "inactive"


def test_a_page_of_another_site_publishes_and_another_plays(
    server: Server, rep: Page, browse: Browse
) -> None:
    code, address, token = add(server)
    rep.goto(f"{server.url}/room/{code}/")
    link = guest_link(rep).rstrip("/").rpartition("/")[2]
    page = browse().pages[0]
    session = page.evaluate(PUBLISH, [address, token])
    wait_until(lambda: state(server, code) == "publishing", 15)
    assert page.evaluate(PLAY, [f"{server.url}/whep/{code}/", link]) == 201
    wait_until(lambda: all(count > 20 for count in page.evaluate(RECEIVED)), 20)
    remove = "(url) => fetch(url, { method: 'DELETE' }).then(({ status }) => status)"
    assert page.evaluate(remove, session) == 200
    assert page.evaluate(remove, session) == 404
    wait_until(lambda: state(server, code) == "complete")


def test_a_host_adds_a_source_and_takes_it_away(server: Server, rep: Page) -> None:
    open_meeting(rep)
    rep.get_by_role("button", name="Sources").click()
    dialog = rep.get_by_role("dialog", name="Sources")
    dialog.get_by_label("Name in the call").fill("Studio")
    dialog.get_by_role("button", name="Add source").click()
    expect(dialog.get_by_text("Studio")).to_be_visible()
    address = dialog.get_by_label("Server").input_value()
    token = dialog.get_by_label("Bearer token").input_value()
    assert barriers_in_both_themes(rep) == []
    screenshot(rep, "sources")
    dialog.get_by_role("button", name="Copy").last.click()
    assert rep.evaluate("navigator.clipboard.readText()") == token
    dialog.get_by_role("button", name="Done").click()

    join(rep, "Join unrecorded")
    program = ffmpeg(address, token, *SOUND, "-t", "60", *OPUS.split())
    rep.get_by_role("tab", name="People").click()
    person = rep.locator("[data-people] .source", has_text="Studio")
    expect(person).to_contain_text("WHIP source, recorded")
    rep.get_by_role("button", name="Sources").click()
    expect(dialog.get_by_text("WHIP · Publishing")).to_be_visible()
    assert dialog.get_by_label("Bearer token").is_hidden()
    screenshot(rep, "sources-in-the-room")
    rep.set_viewport_size(PHONE)
    rep.emulate_media(color_scheme="dark")
    screenshot(rep, "sources-phone-dark")
    wide = rep.evaluate("document.documentElement.scrollWidth")
    rep.set_viewport_size(DESKTOP)
    assert wide <= PHONE["width"]
    dialog.get_by_role("button", name="Stop Studio").click()
    expect(dialog.get_by_text("WHIP · Stopped")).to_be_visible()
    expect(person).to_have_count(0)
    dialog.get_by_role("button", name="Remove Studio").click()
    expect(dialog.get_by_text("Studio")).to_have_count(0)
    program.terminate()
    program.communicate(timeout=30)


def test_a_host_lets_others_play_and_hear_the_call(
    server: Server, rep: Page, browse: Browse
) -> None:
    code, address, token = add(server)
    program = ffmpeg(address, token, *SOUND, "-t", "60", *OPUS.split())
    wait_until(lambda: state(server, code) == "publishing", 15)
    rep.goto(f"{server.url}/room/{code}/")
    join(rep, "Join unrecorded")
    heard = rep.locator("[data-heard]")
    expect(heard).to_be_hidden()
    rep.get_by_role("button", name="Sources").click()

    rep.get_by_role("button", name="Make a playback address").click()
    row = rep.locator(".outlet", has_text="For a program")
    expect(row.locator("[data-playing]")).to_have_text("Nobody plays it now")
    whep = [row.get_by_label(name).input_value() for name in ("Address", "Bearer")]
    player = browse().pages[0]
    player.evaluate(PLAY, whep)
    expect(row.locator("[data-playing]")).to_have_text("1 plays it now", timeout=15_000)
    row.get_by_role("button", name="Take back").click()
    expect(row).to_have_count(0)

    rep.get_by_role("button", name="Let people listen by link").click()
    listeners = rep.locator(".outlet", has_text="For listeners")
    link = listeners.get_by_label("Address").input_value()
    expect(listeners.get_by_label("Bearer")).to_be_hidden()
    expect(rep.get_by_role("button", name="Let people listen")).to_be_hidden()
    assert barriers_in_both_themes(rep) == []
    screenshot(rep, "outlets")
    rep.set_viewport_size(PHONE)
    listeners.scroll_into_view_if_needed()
    screenshot(rep, "outlets-phone")
    assert rep.evaluate("document.documentElement.scrollWidth") <= 390
    rep.set_viewport_size(DESKTOP)
    rep.get_by_role("button", name="Done").click()
    expect(heard).to_have_text("This call can be heard by link.")
    screenshot(rep, "heard")
    wait_until(lambda: plays(link), 40)
    rep.get_by_role("button", name="Sources").click()
    listeners.get_by_role("button", name="Take back").click()
    expect(heard).to_be_hidden()
    assert not plays(link)
    program.kill()
    program.communicate()


def plays(link: str) -> bool:
    """Whether FFmpeg hears two seconds of a live stream."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", link, "-t", "2"]
    done = subprocess.run([*command, "-f", "s16le", "-"], capture_output=True)
    return done.returncode == 0 and len(done.stdout) >= 2 * 2 * 16_000
