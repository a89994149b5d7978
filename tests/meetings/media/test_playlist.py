import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.media.errors import NotMedia
from meetings.media.ingress.playlist import Key, Map, parse

URL = "https://example.com/live/index.m3u8?token=1"


def test_it_reads_a_live_playlist() -> None:
    playlist = parse(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n"
        "#EXT-X-MEDIA-SEQUENCE:17\n#EXTINF:4.0,title\na.ts\n\n#EXTINF:3.5\n/b.ts\n",
        URL,
    )
    assert playlist.target == 4 and not playlist.ended
    assert [(s.number, s.url, s.duration) for s in playlist.segments] == [
        (17, "https://example.com/live/a.ts", 4.0),
        (18, "https://example.com/b.ts", 3.5),
    ]


def test_it_reads_keys_maps_ranges_and_the_end() -> None:
    playlist = parse(
        "#EXTM3U\n"
        '#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@0"\n'
        '#EXT-X-KEY:METHOD=AES-128,URI="key,1",IV=0xAB\n'
        "#EXTINF:1,\n#EXT-X-BYTERANGE:100@700\nall.mp4\n"
        "#EXTINF:1,\n#EXT-X-BYTERANGE:50\nall.mp4\n"
        "#EXT-X-KEY:METHOD=NONE\n#EXT-X-GAP\n#EXTINF:1,\nc.mp4\n#EXT-X-ENDLIST\n",
        URL,
    )
    one, two, three = playlist.segments
    assert one.map == Map("https://example.com/live/init.mp4", (0, 700))
    key = Key("AES-128", "https://example.com/live/key,1", bytes(15) + b"\xab")
    assert one.key == two.key == key and three.key is None
    assert (one.part, two.part, three.part) == ((700, 100), (800, 50), None)
    assert three.absent and not one.absent and playlist.ended


def stream(codecs: str, bandwidth: int, url: str, more: str = "") -> str:
    codecs = f',CODECS="{codecs}"' if codecs else ""
    return f"#EXT-X-STREAM-INF:BANDWIDTH={bandwidth}{codecs}{more}\n{url}\n"


@pytest.mark.parametrize(
    ("variants", "chosen"),
    [
        (stream("avc1.4d,mp4a.40.2", 900, "a") + stream("avc1,mp4a", 500, "b"), "b"),
        (stream("avc1,mp4a", 500, "a") + stream("mp4a.40.2", 800, "sound"), "sound"),
        (stream("avc1.4d401e", 100, "mute") + stream("avc1,mp4a", 900, "b"), "b"),
        (stream("", 900, "a") + stream("", 500, "b"), "b"),
        (stream("avc1", 100, "mute") + stream("", 500, "b"), "b"),
    ],
)
def test_it_chooses_the_cheapest_with_sound(variants: str, chosen: str) -> None:
    playlist = parse("#EXTM3U\n" + variants, "https://example.com/m.m3u8")
    assert playlist.with_sound() == f"https://example.com/{chosen}"


def test_it_takes_the_sound_that_stands_apart() -> None:
    playlist = parse(
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="de",URI="de.m3u8"\n'
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="en",DEFAULT=YES,URI="en.m3u8"\n'
        + stream("avc1,mp4a", 500, "v.m3u8", ',AUDIO="g"'),
        "https://example.com/m.m3u8",
    )
    assert playlist.with_sound() == "https://example.com/en.m3u8"


def test_it_says_when_no_variant_has_sound() -> None:
    playlist = parse("#EXTM3U\n" + stream("avc1.4d401e", 100, "v"), URL)
    assert playlist.variants and playlist.with_sound() is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "a.ts\n#EXTM3U",
        "#EXTM3U\n#EXT-X-KEY:" + "A" * 1_000_000,
        "#EXTM3U\n#EXTINF:long,\na.ts",
        "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:x\n",
        "#EXTM3U\n" + "#EXTINF:1,\na.ts\n" * 20_001,
        "#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-STREAM-INF:BANDWIDTH=1\nb.m3u8\n",
    ],
)
def test_it_says_what_is_no_playlist(text: str) -> None:
    with pytest.raises(NotMedia):
        parse(text, URL)


TAGS = ["INF:", "-X-KEY:", "-X-MAP:", "-X-BYTERANGE:", "-X-STREAM-INF:", "-X-MEDIA:"]


@given(st.lists(st.tuples(st.sampled_from(TAGS), st.text(max_size=30))))
def test_garbage_is_a_playlist_or_is_not(lines: list[tuple[str, str]]) -> None:
    text = "".join(f"#EXT{tag}{value}\nx\n" for tag, value in lines)
    try:
        parse("#EXTM3U\n" + text, URL)
    except NotMedia as error:
        assert error.detail
