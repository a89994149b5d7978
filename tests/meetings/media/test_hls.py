"""HLS that FFmpeg made, from a web server that behaves, or does not."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from meetings.media.egress.manifest import RecordingManifest
from meetings.media.errors import NotMedia
from meetings.media.events import Segment
from meetings.media.ingress.addresses import AddressPolicy
from meetings.media.ingress.base import Backoff, IngressState
from meetings.media.ingress.hls import HLSIngress, decrypt
from meetings.media.pcm import load_pcm16k
from tests.live_sources import HLSServer, make, sending, tone
from tests.meetings.media.conftest import CallHost, dominant_hertz

HERE = AddressPolicy(allow=["127.0.0.1"])
SOON = Backoff(first=0.1, longest=0.2, tries=3)
AAC = ["-c:a", "aac", "-b:a", "64k"]
SECONDS = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"]
FMP4 = [*SECONDS, "-hls_segment_type", "fmp4"]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[HLSServer]:
    folder = tmp_path / "hls"
    folder.mkdir()
    async with HLSServer(folder).serving() as server:
        yield server


def write(server: HLSServer, seconds: float, *how: str, name: str = "live") -> None:
    make(server.folder / f"{name}.m3u8", *tone(660, seconds), *AAC, *(how or SECONDS))


def source(server: HLSServer, name: str = "live.m3u8", **more: Any) -> HLSIngress:
    url = name if ":" in name else f"{server.url}/{name}"
    given: dict[str, Any] = {"policy": HERE, "retry": SOON} | more
    return HLSIngress("stage", "Stage", url, **given)


async def run(host: CallHost, ingress: HLSIngress, seconds: float = 20) -> None:
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: not ingress.runs, seconds)


def recorded(host: CallHost) -> tuple[Segment, Any]:
    """The one segment there is, and its sound."""
    (segment,) = RecordingManifest(host.record_dir).load().values()
    return segment, load_pcm16k(host.record_dir / segment.file)


async def test_it_records_a_live_stream_of_ffmpeg(
    host: CallHost, server: HLSServer
) -> None:
    ingress = source(server, patience=4.0, retry=Backoff(tries=1))
    window = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "3"]
    flags = ["-hls_flags", "delete_segments+temp_file"]
    live = str(server.folder / "live.m3u8")
    async with sending("-re", *tone(660, 7), *AAC, *window, *flags, live):
        while not os.path.exists(live):
            await asyncio.sleep(0.05)
        await run(host, ingress)

    assert ingress.state is IngressState.COMPLETE, ingress.error
    segment, sound = recorded(host)
    assert 5 < len(sound) / 16_000 < 7.2
    assert dominant_hertz(sound) == pytest.approx(660, abs=1)
    assert not segment.gaps, "no pause between two segments"


async def test_it_begins_with_the_newest_segment(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 6)
    server.live, server.begun = True, 3
    await run(host, source(server))

    segments = [name for name in server.asked if name.endswith(".ts")]
    assert segments[:4] == ["live2.ts", "live3.ts", "live4.ts", "live5.ts"]
    segment, sound = recorded(host)
    assert len(sound) / 16_000 == pytest.approx(4, abs=0.3) and not segment.gaps


async def test_what_has_ended_is_played_from_its_beginning(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 3)
    ingress = source(server)
    await run(host, ingress)
    assert ingress.state is IngressState.COMPLETE and not ingress.error
    _, sound = recorded(host)
    assert len(sound) / 16_000 == pytest.approx(3, abs=0.2)
    assert dominant_hertz(sound) == pytest.approx(660, abs=1)


async def test_it_reads_fragmented_mp4(host: CallHost, server: HLSServer) -> None:
    write(server, 3, *FMP4)
    await run(host, source(server))
    assert "init.mp4" in server.asked
    _, sound = recorded(host)
    assert len(sound) / 16_000 == pytest.approx(3, abs=0.2)
    assert dominant_hertz(sound) == pytest.approx(660, abs=1)


async def test_it_reads_what_is_encrypted(
    host: CallHost, server: HLSServer, tmp_path: Path
) -> None:
    (server.folder / "key").write_bytes(os.urandom(16))
    info = tmp_path / "info"
    info.write_text(f"{server.url}/key\n{server.folder / 'key'}\n")
    write(server, 2, *SECONDS, "-hls_key_info_file", str(info))
    await run(host, source(server))
    assert server.asked.count("key") == 1
    _, sound = recorded(host)
    assert dominant_hertz(sound) == pytest.approx(660, abs=1)


async def test_a_missing_segment_is_a_gap(host: CallHost, server: HLSServer) -> None:
    write(server, 5)
    server.missing.add("live2.ts")
    ingress = source(server)
    await run(host, ingress)

    assert ingress.state is IngressState.COMPLETE and ingress.stats.skipped == 1
    segment, sound = recorded(host)
    assert len(sound) / 16_000 == pytest.approx(5, abs=0.2)
    ((start, end),) = segment.gaps
    assert end - start == pytest.approx(1000, abs=100)
    middle = (start + end) // 2 - segment.offset_ms
    quiet = sound[16 * (middle - 200) : 16 * (middle + 200)]
    assert np.abs(quiet).max() < 0.01 < np.abs(sound[:16_000]).max()


async def test_it_goes_down_nested_playlists_to_the_cheapest_sound(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 1)
    stream = "#EXT-X-STREAM-INF:BANDWIDTH"
    server.texts["top.m3u8"] = f"#EXTM3U\n{stream}=1\nmiddle.m3u8\n"
    server.texts["middle.m3u8"] = (
        f'#EXTM3U\n{stream}=10,CODECS="avc1.4d401e"\nmute.m3u8\n'
        f'{stream}=90,CODECS="avc1.4d401e,mp4a.40.2"\nlarge.m3u8\n'
        f'{stream}=50,CODECS="avc1.4d401e,mp4a.40.2"\nlive.m3u8\n'
    )
    ingress = source(server, "top.m3u8")
    await run(host, ingress)
    assert ingress.state is IngressState.COMPLETE
    assert server.asked[:3] == ["top.m3u8", "middle.m3u8", "live.m3u8"]


async def test_playlists_in_playlists_end_somewhere(
    host: CallHost, server: HLSServer
) -> None:
    server.texts["a.m3u8"] = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n"
    ingress = source(server, "a.m3u8")
    await run(host, ingress)
    assert ingress.error == "playlists inside playlists without an end"
    assert len(server.asked) == 3


SECRET = "http://127.0.0.2/secret"
HOPS = {
    "playlist": SECRET,
    "nested": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{SECRET}\n",
    "segment": f"#EXTM3U\n#EXTINF:1,\n{SECRET}\n#EXT-X-ENDLIST\n",
    "file": "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "map": f'#EXTM3U\n#EXT-X-MAP:URI="{SECRET}"\n#EXTINF:1,\nlive0.ts\n',
    "key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{SECRET}"\n#EXTINF:1,\nlive0.ts\n',
    "redirect": "#EXTM3U\n#EXTINF:1,\nmoved.ts\n#EXT-X-ENDLIST\n",
}


@pytest.mark.parametrize("hop", HOPS)
async def test_no_hop_leads_into_a_private_network(
    hop: str, host: CallHost, server: HLSServer
) -> None:
    write(server, 1)
    server.texts["evil.m3u8"] = HOPS[hop]
    server.moved["moved.ts"] = SECRET
    ingress = source(server, SECRET if hop == "playlist" else "evil.m3u8")

    await run(host, ingress)

    assert ingress.state is IngressState.ERROR and ingress.stats.tries == 1
    said = "only http and https" if hop == "file" else "127.0.0.2 is not a public"
    assert ingress.error.startswith(said)


async def test_by_itself_it_takes_public_addresses_only(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 1)
    ingress = source(server, policy=None)
    await run(host, ingress)
    assert ingress.error == "127.0.0.1 is not a public address" and not server.asked


async def test_an_endless_redirect_is_given_up(
    host: CallHost, server: HLSServer
) -> None:
    server.moved["live.m3u8"] = "/live.m3u8"
    ingress = source(server)
    await run(host, ingress)
    assert ingress.error == "it redirects more than 5 times"
    assert ingress.state is IngressState.ERROR and ingress.stats.tries == SOON.tries


async def test_a_playlist_that_never_changes_is_given_up(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 3)
    server.live = server.frozen = True
    ingress = source(server, patience=0.5)
    await run(host, ingress)
    assert ingress.state is IngressState.ERROR
    assert ingress.error == "its playlist has not changed for 0.5 s"
    assert server.asked.count("live1.ts") == 1, "nothing is played twice"


async def test_a_segment_without_an_end_is_skipped(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 3)
    server.huge.add("live1.ts")
    ingress = source(server)
    await run(host, ingress)
    assert ingress.state is IngressState.COMPLETE and ingress.stats.skipped == 1


async def test_a_source_whose_segments_all_fail_is_gone(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 8)
    server.missing |= {f"live{n}.ts" for n in range(8)}
    ingress = source(server, retry=Backoff(tries=1))
    await run(host, ingress)
    assert ingress.error.startswith("5 segments in a row are missing")


async def test_a_server_that_comes_back_is_heard_again(
    host: CallHost, server: HLSServer
) -> None:
    write(server, 2)
    server.missing.add("live.m3u8")
    ingress = source(server, retry=Backoff(first=0.2, tries=50))
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: ingress.error == "its server answers with 404")

    server.missing.clear()
    await host.until(lambda: not ingress.runs)
    assert ingress.state is IngressState.COMPLETE


async def test_stopping_does_not_wait_for_the_server(
    host: CallHost, server: HLSServer
) -> None:
    server.silent.add("live.m3u8")
    ingress = source(server)
    await host.server.loop.call(ingress.start(host.room))
    await host.until(lambda: server.asked)
    async with asyncio.timeout(2):
        await host.server.loop.call(ingress.stop())
    assert ingress.state is IngressState.INACTIVE


def test_a_key_that_does_not_fit_is_said() -> None:
    secret, iv = bytes(16), bytes(16)
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(iv)).encryptor()
    data = encryptor.update(b"sound" + bytes([11]) * 11) + encryptor.finalize()
    assert decrypt(data, secret, iv) == b"sound"
    for broken in (data[:-1], data[:0]):
        with pytest.raises(NotMedia):
            decrypt(broken, secret, iv)
