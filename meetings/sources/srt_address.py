"""What an encoder needs to call by SRT, in one address to paste.

libsrt wants the passphrase in clear, so none is stored: token and passphrase are made
of the site's key and the number of the source's row, which no other ever has.
"""

import base64
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from meetings.media.errors import SRTMissing
from meetings.media.ingress import libsrt
from meetings.media.ingress.srt_listener import parse_stream_id
from meetings.models import Source

SECRET = 24  # bytes of each secret: 32 letters


def why_not() -> str:
    """Why nobody can call this site by SRT; empty: encoders can."""
    if settings.SRT_PORT is None:
        return "Nobody can call here by SRT: SRT_PORT is not set."
    try:
        libsrt.library()
    except SRTMissing as missing:
        return f"{missing.detail}."
    return ""


def address_of(source: Source) -> str:
    """``srt://HOST:PORT?streamid=publish:CODE:ID:TOKEN&passphrase=P``: all secrets."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host == "localhost":  # some take it for ::1 alone, which no machine must have
        host = "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    stream_id = f"publish:{source.meeting.code}:{source.pk}:{_token(source.pk)}"
    return (
        f"srt://{host}:{settings.SRT_PORT}?streamid={stream_id}"
        f"&passphrase={passphrase_of(source.pk)}"
    )


def passphrase_of(source_id: int) -> str:
    """What encrypts the stream of a source; 32 characters."""
    return _derived("passphrase", source_id)


def source_in(stream_id: str) -> tuple[str, int] | None:
    """Code of the meeting and id of the source, if its token is right.

    Nothing is looked up: strangers cost no question to the database. Raises ValueError.
    """
    asked = parse_stream_id(stream_id)
    if not (asked.label.isascii() and asked.label.isdecimal()):
        raise ValueError("a stream id without a source")
    source_id = int(asked.label[:18])
    right = constant_time_compare(asked.token, _token(source_id))
    return (asked.room, source_id) if right else None


def _token(source_id: int) -> str:
    return _derived("token", source_id)


def _derived(what: str, source_id: int) -> str:
    made = salted_hmac(f"meetings.srt.{what}", str(source_id), algorithm="sha256")
    return base64.urlsafe_b64encode(made.digest()[:SECRET]).decode()
