"""What a room must know of each codec of pictures that it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from meetings.media import h264
from meetings.media.packets import is_vp8_keyframe, vp8_payloads, vp8_size


@dataclass(frozen=True)
class PictureCodec:
    """A codec of pictures; `data` is always one encoded picture.

    `size` gives width and height of a key frame in px, or raises ValueError; `payloads`
    cuts a picture, with its number, for RTP; `completed` makes, for one sender, what
    gives a key frame all that a decoder needs to begin with it.
    """

    suffix: str  # of its files
    is_keyframe: Callable[[bytes], bool]
    size: Callable[[bytes], tuple[int, int]]
    payloads: Callable[[bytes, int], list[bytes]]
    completed: Callable[[], Callable[[bytes], bytes]]


def _as_it_is() -> Callable[[bytes], bytes]:
    return lambda data: data


# By their names in SDP, in small letters; the first is what we ask for.
PICTURES = {
    "vp8": PictureCodec(".webm", is_vp8_keyframe, vp8_size, vp8_payloads, _as_it_is),
    "h264": PictureCodec(
        ".mp4",
        h264.is_h264_keyframe,
        h264.h264_size,
        h264.h264_payloads,
        lambda: h264.ParameterSets().complete,
    ),
}
