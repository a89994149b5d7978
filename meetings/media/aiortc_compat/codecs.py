"""Which codecs a connection of aiortc agrees on, and under which payload types."""

import copy
from collections.abc import Sequence
from typing import Any

from aiortc import RTCRtpCodecParameters, RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs import CODECS

MORE_PROFILES = ("4d001f", "64001f", "640c1f")  # main, high, constrained high


def take_every_h264() -> None:
    """Let the main and high profiles of H.264 be agreed on, too: pictures are copied
    here, and programs send them unless they are told otherwise."""
    video: list[Any] = CODECS["video"]
    known = [codec for codec in video if codec.name == "H264"]
    profiles = {codec.parameters["profile-level-id"] for codec in known}
    kind = max(codec.payloadType for codec in video)
    for profile in MORE_PROFILES:
        if profile not in profiles:
            codec = copy.deepcopy(known[0])
            codec.payloadType = kind + 1
            codec.parameters["profile-level-id"] = profile
            repairs = {"apt": codec.payloadType}
            kind += 2
            rtx = RTCRtpCodecParameters("video/rtx", 90_000, None, kind, [], repairs)
            video += [codec, rtx]


def prefer(transceiver: RTCRtpTransceiver, codecs: Sequence[str]) -> None:
    """Agree on these, in this order, and on repairs of them (RFC 4588)."""
    known = RTCRtpSender.getCapabilities(transceiver.kind).codecs
    names = [codec.mimeType.lower().partition("/")[2] for codec in known]
    transceiver.setCodecPreferences(
        [
            capability
            for wanted in (*codecs, "rtx")
            for capability, name in zip(known, names, strict=True)
            if name == wanted
        ]
    )


def agreed(transceiver: RTCRtpTransceiver) -> str:
    """The codec of what comes in, in small letters, as in SDP."""
    name: str = transceiver._codecs[0].name
    return name.lower()


def payload_types(codecs: Sequence[Any]) -> dict[str, tuple[int, int | None]]:
    """Codec -> its payload type, and that of its repairs."""
    repairs = {c.parameters["apt"]: c.payloadType for c in codecs if c.name == "rtx"}
    types: dict[str, tuple[int, int | None]] = {}
    for codec in codecs:
        if codec.name != "rtx":
            kind = codec.payloadType
            types.setdefault(codec.name.lower(), (kind, repairs.get(kind)))
    return types
