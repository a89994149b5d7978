import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media import aiortc_compat
from meetings.media.config import MediaConfig
from meetings.media.errors import BadOffer, MediaError, OfferTooLarge, UnsupportedCodec
from meetings.media.peer import _with_public_ip, read_offer

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\n"
    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 AA:BB\r\n"
)
CONFIG = MediaConfig(max_participants=2)


def test_it_reads_a_plain_offer() -> None:
    (media,) = read_offer(HEAD + AUDIO, CONFIG)
    assert (media.mid, media.kind, media.sends) == ("0", "audio", True)


def test_the_first_offer_of_a_page_has_room_in_the_smallest_room() -> None:
    """A page offers its own two sections and three pairs before anybody is there."""
    sections = [AUDIO.replace("mid:0", f"mid:{n}") for n in range(8)]
    assert len(read_offer(HEAD + "".join(sections), CONFIG)) == 8


def test_it_wants_opus() -> None:
    offer = HEAD + AUDIO.replace("opus/48000/2", "G722/8000")
    with pytest.raises(UnsupportedCodec) as raised:
        read_offer(offer, CONFIG)
    assert raised.value.http_status == 406


def test_it_bounds_the_size_of_an_offer() -> None:
    with pytest.raises(OfferTooLarge) as raised:
        read_offer(HEAD + AUDIO + "a=x\r\n" * 20_000, CONFIG)
    assert raised.value.http_status == 413


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        HEAD,
        HEAD + AUDIO + AUDIO,
        HEAD + "".join(AUDIO.replace("mid:0", f"mid:{n}") for n in range(13)),
        HEAD + AUDIO.replace("a=sendonly", "a=sendrecv"),
        HEAD + AUDIO.replace("a=fingerprint:sha-256 AA:BB\r\n", ""),
        HEAD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n",
    ],
    ids=[
        "empty", "text", "no-media", "same-mid", "too-many", "both-ways",
        "no-fingerprint", "data-channel",
    ],
)  # fmt: skip
def test_it_refuses_other_offers(offer: str) -> None:
    with pytest.raises(BadOffer):
        read_offer(offer, CONFIG)


@given(st.text(), st.integers(0, len(HEAD + AUDIO)))
def test_it_survives_any_text(noise: str, cut: int) -> None:
    with contextlib.suppress(MediaError):
        read_offer((HEAD + AUDIO)[:cut] + noise, CONFIG)


def test_it_puts_the_public_address_into_host_candidates() -> None:
    sdp = (
        "a=candidate:1 1 udp 2130706431 10.0.0.7 40000 typ host\r\n"
        "a=candidate:2 1 udp 1694498815 198.51.100.1 40000 typ srflx raddr 10.0.0.7\r\n"
    )
    changed = _with_public_ip(sdp, "203.0.113.5").split("\r\n")
    assert changed[0] == "a=candidate:1 1 udp 2130706431 203.0.113.5 40000 typ host"
    assert changed[1] == sdp.split("\r\n")[1]
    assert _with_public_ip(sdp, None) == sdp


def test_this_aiortc_has_every_name_we_touch() -> None:
    aiortc_compat.assert_supported()


def test_another_aiortc_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiortc.__version__", "1.17.0")
    with pytest.raises(RuntimeError, match="1.17.0 found"):
        aiortc_compat.assert_supported()
