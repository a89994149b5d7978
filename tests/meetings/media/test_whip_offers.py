import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media.config import MediaConfig
from meetings.media.errors import BadOffer, MediaError, UnsupportedCodec
from meetings.media.ingress.offers import fit, read_fragment
from meetings.media.peer import read_offer

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
SECURE = (
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 AA:BB\r\n"
)
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
)
VP8 = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:96 VP8/90000\r\n"
)
H264 = VP8.replace("VP8", "H264")
PACKED = "a=fmtp:96 level-asymmetry-allowed=1; packetization-mode=1;profile-level-id="
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n"


def kept(sdp: str) -> list[str]:
    return [line[2:].split(" ")[0] for line in sdp.splitlines() if line[:2] == "m="]


def test_it_keeps_sound_and_a_picture_that_a_room_takes() -> None:
    offer = fit(HEAD + SECURE + AUDIO + VP8, "sendonly")
    assert kept(offer.sdp) == ["audio", "video"]
    assert offer.answer("as it is") == "as it is"


def test_it_refuses_a_picture_that_a_room_does_not_take_and_keeps_the_sound() -> None:
    offer = fit(HEAD + SECURE + H264.replace("mid:1", "mid:x") + AUDIO, "sendonly")
    assert kept(offer.sdp) == ["audio"]
    answer = offer.answer("v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=recvonly\r\n")
    sections = answer.split("m=")[1:]
    assert sections[0].startswith("video 0 UDP/TLS/RTP/SAVPF 96\r\n")
    assert "a=mid:x" in sections[0] and "a=inactive" in sections[0]
    assert sections[1].startswith("audio 9 X 111")


@pytest.mark.parametrize(
    ("said", "sections"),
    [
        (PACKED + "42e01f", 2),  # OBS
        (PACKED + "42C01F", 2),  # FFmpeg, baseline
        (PACKED + "4d0028", 2),
        (PACKED + "64001f", 2),
        (PACKED + "f4001f", 1),  # colours that no browser shows
        (PACKED + "nonsense", 1),
        (PACKED.replace("mode=1", "mode=0") + "42e01f", 1),
        ("a=fmtp:97 packetization-mode=1", 1),  # of something else
    ],
)
def test_it_takes_h264_that_browsers_play(said: str, sections: int) -> None:
    offer = fit(HEAD + SECURE + AUDIO + H264 + said + "\r\n", "sendonly")
    assert len(kept(offer.sdp)) == sections
    assert len(read_offer(offer.sdp, MediaConfig())) == sections


def test_a_group_names_no_section_that_is_gone() -> None:
    offer = fit(HEAD + SECURE + AUDIO + H264 + DATA, "sendonly")
    assert "a=group:BUNDLE 0\r\n" in offer.sdp


@pytest.mark.parametrize("said", ["a=sendrecv\r\n", ""], ids=["both", "none"])
def test_both_ways_is_taken_for_the_one_that_is_meant(said: str) -> None:
    audio = AUDIO.replace("a=sendonly\r\n", said)
    (media,) = read_offer(fit(HEAD + SECURE + audio, "sendonly").sdp, MediaConfig())
    assert media.sends
    (media,) = read_offer(fit(HEAD + SECURE + audio, "recvonly").sdp, MediaConfig())
    assert not media.sends


def test_a_publisher_receives_nobody_and_a_player_sends_nothing() -> None:
    listens = VP8.replace("sendonly", "recvonly")
    assert kept(fit(HEAD + SECURE + AUDIO + listens, "sendonly").sdp) == ["audio"]
    with pytest.raises(UnsupportedCodec):
        fit(HEAD + SECURE + AUDIO, "recvonly")


def test_it_takes_one_section_of_a_kind() -> None:
    more = AUDIO.replace("mid:0", "mid:2")
    offer = fit(HEAD + SECURE + AUDIO + VP8 + more, "sendonly")
    assert kept(offer.sdp) == ["audio", "video"]
    assert list(offer.refused) == [2]


@pytest.mark.parametrize("sdp", ["", "hello", HEAD, "\x00" * 100])
def test_what_is_no_offer_is_bad(sdp: str) -> None:
    with pytest.raises(BadOffer):
        fit(sdp, "sendonly")


@pytest.mark.parametrize(
    "sections",
    [VP8, DATA, AUDIO.replace("opus", "PCMU"), AUDIO.replace("audio 9", "audio 0")],
    ids=["picture-alone", "data", "another-codec", "port-0"],
)
def test_without_opus_there_is_nothing_to_hear(sections: str) -> None:
    with pytest.raises(UnsupportedCodec) as raised:
        fit(HEAD + SECURE + sections, "sendonly")
    assert raised.value.http_status == 406


@given(st.text(), st.integers(0, len(HEAD + SECURE + AUDIO + H264)))
def test_it_survives_any_text(noise: str, cut: int) -> None:
    with contextlib.suppress(MediaError):
        offer = fit((HEAD + SECURE + AUDIO + H264)[:cut] + noise, "sendonly")
        read_offer(offer.sdp, MediaConfig())
        offer.answer("v=0\r\nm=audio 9 X 111\r\n")


FRAGMENT = (
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
    "m=audio 9 RTP/AVP 0\r\na=mid:7\r\n"
    "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n"
    "a=end-of-candidates\r\n"
)


def test_it_reads_candidates_that_came_late() -> None:
    fragment = read_fragment(FRAGMENT)
    (candidate,) = fragment.candidates
    assert (candidate.ip, candidate.port, candidate.sdpMid) == ("192.0.2.1", 61764, "7")
    assert fragment.ufrag == "abcd" and fragment.complete


def test_a_flood_of_candidates_is_cut_off() -> None:
    line = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    assert len(read_fragment(line * 700).candidates) == 64


@pytest.mark.parametrize("text", ["", "hello", "a=candidate:1", "a=candidate:a b c"])
def test_what_is_no_fragment_is_bad(text: str) -> None:
    with pytest.raises(BadOffer):
        read_fragment(text)


@given(st.text(), st.integers(0, len(FRAGMENT)))
def test_a_fragment_survives_any_text(noise: str, cut: int) -> None:
    with contextlib.suppress(MediaError):
        read_fragment(FRAGMENT[:cut] + noise)
