class MediaError(Exception):
    """Something the caller asked for cannot be done; `code` names it for machines.

    `http_status` is what an HTTP or websocket face should answer with (RFC 9725
    names most of them for WHIP).
    """

    def __init__(self, code: str, http_status: int = 400, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.http_status = http_status
        self.detail = detail or code


class BadOffer(MediaError):
    def __init__(self, detail: str) -> None:
        super().__init__("bad_offer", 400, detail)


class OfferTooLarge(MediaError):
    def __init__(self, size: int, limit: int) -> None:
        super().__init__("offer_too_large", 413, f"{size} bytes, at most {limit}")


class UnsupportedCodec(MediaError):
    def __init__(self, detail: str) -> None:
        super().__init__("unsupported_codec", 406, detail)


class SessionNotFound(MediaError):
    def __init__(self, session_id: str) -> None:
        super().__init__("session_not_found", 404, f"no session {session_id}")


class NotKeptSound(MediaError):
    """A slice that a browser hands in is no sound, or not one stretch of it."""

    def __init__(self, detail: str) -> None:
        super().__init__("not_sound", 400, detail)


class RoomFull(MediaError):
    def __init__(self, limit: int) -> None:
        super().__init__("room_full", 503, f"the room holds {limit} people")


class RoomClosed(MediaError):
    """The call is over, or the server stops: nobody comes in any more."""

    def __init__(self, room_id: str) -> None:
        super().__init__("room_closed", 410, "the call is over")


class SourceUnreachable(MediaError):
    """Somebody else's source does not answer, or breaks off; `detail` is a clause.

    It may come back: whoever pulls it tries again.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("source_unreachable", 502, detail)


class SourceTimeout(SourceUnreachable):
    """As `SourceUnreachable`: it has been like that for so many seconds."""

    def __init__(self, how: str, seconds: float) -> None:
        super().__init__(f"{how} for {seconds:g} s")
        self.code, self.http_status = "source_timeout", 504


class SourceRefused(MediaError):
    """A source that is not taken, however often it is asked for; `detail` says why."""

    def __init__(self, detail: str) -> None:
        super().__init__("source_refused", 403, detail)


class SRTMissing(MediaError):
    """This machine has no libsrt."""

    def __init__(self) -> None:
        detail = "SRT needs a library: apt-get install libsrt1.5-gnutls"
        super().__init__("srt_missing", 501, detail)


class Unauthorized(MediaError):
    """Nobody knows the token, or there is none."""

    def __init__(self) -> None:
        super().__init__("unauthorized", 401, "a bearer token is wanted")


class Forbidden(MediaError):
    """The token is known, and opens nothing now; `detail` says why."""

    def __init__(self, detail: str) -> None:
        super().__init__("forbidden", 403, detail)


class NotMedia(MediaError):
    """The file is none that FFmpeg can open."""

    def __init__(self, detail: str) -> None:
        super().__init__("not_media", 415, detail)


class NoAudio(MediaError):
    """It opens, and carries no sound."""

    def __init__(self, detail: str = "no audio stream in the file") -> None:
        super().__init__("no_audio", 415, detail)


class TooLong(MediaError):
    """The file's clock goes on for longer than any call."""

    def __init__(self, limit: float) -> None:
        super().__init__("too_long", 413, f"longer than {limit / 3600:.0f} hours")


class Undecodable(MediaError):
    """The file has sound, and none of it can be decoded here; `detail` is a clause."""

    def __init__(self, detail: str) -> None:
        super().__init__("undecodable", 415, detail)


class TooSlow(MediaError):
    """The machine had no time to look at a file. It may be a good one: try again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too_slow", 503, f"not looked at within {seconds:g} s")


class NoRoom(MediaError):
    """The disk is full."""

    def __init__(self) -> None:
        super().__init__("no_room", 507, "the disk is full")
