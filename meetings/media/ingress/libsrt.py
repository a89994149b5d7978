"""The few calls of libsrt that Earshot makes, by ctypes: no binding for Python exists.

All of them may block and belong on threads; only `close` frees a thread that waits.
"""

import atexit
import ctypes
import logging
import socket
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from meetings.media.errors import SourceUnreachable, SRTMissing

logger = logging.getLogger(__name__)

NAMES = ("libsrt-gnutls.so.1.5", "libsrt-openssl.so.1.5", "libsrt.so.1.5")
ERROR = -1
TIMED_OUT = (6002, 6003)  # SRT_EASYNCRCV, SRT_ETIMEOUT
LOG_CRITICAL = 2
MESSAGE = 1500  # bytes; live mode sends 1316 in one

CONNECTING, CONNECTED = 4, 5  # SRT_SOCKSTATUS
# SRT_SOCKOPT
RCVSYN, RCVTIMEO, PASSPHRASE, CONNTIMEO, RCVLATENCY = 2, 14, 26, 36, 43
STREAMID, IPV6ONLY, PEERIDLETIMEO = 46, 54, 55

# void* opaque, SRTSOCKET, handshake version, sockaddr*, stream id
HOOK = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_char_p,
)
Hook = Callable[[int, str], int | None]  # (socket, stream id) -> why it is refused


@cache
def library() -> Any:
    """The library, started. Raises SRTMissing."""
    for name in NAMES:
        try:
            found: Any = ctypes.CDLL(name)
        except OSError:
            continue
        found.srt_getlasterror_str.restype = ctypes.c_char_p
        found.srt_rejectreason_str.restype = ctypes.c_char_p
        found.srt_listen_callback.argtypes = [ctypes.c_int, HOOK, ctypes.c_void_p]
        found.srt_startup()
        found.srt_setloglevel(LOG_CRITICAL)
        atexit.register(found.srt_cleanup)
        return found
    raise SRTMissing()


def is_here() -> bool:
    """Whether this machine has the library."""
    try:
        return bool(library())
    except SRTMissing:
        return False


class SRTSocket:
    """One socket of libsrt. Raises SourceUnreachable when a call fails."""

    def __init__(self, id: int | None = None) -> None:
        self._srt = library()
        self.id = self._srt.srt_create_socket() if id is None else id
        self._hook: Any = None

    def set_ms(self, option: int, ms: int) -> None:
        self._set(option, struct.pack("i", ms))

    def text(self, option: int) -> str:
        value, size = ctypes.create_string_buffer(MESSAGE), ctypes.c_int(MESSAGE)
        self._call("srt_getsockflag", option, value, ctypes.byref(size))
        return value.raw[: size.value].decode("utf-8", "replace")

    def set_text(self, option: int, text: str) -> None:
        self._set(option, text.encode())

    def listen(self, host: str, port: int, hook: Hook) -> None:
        """Take callers, at "::" by IPv4 as well; `hook` is asked about each, on a
        thread of the library."""

        def ask(_: object, id: int, version: int, peer: int, streamid: bytes) -> int:
            try:
                reason = hook(id, (streamid or b"").decode("utf-8", "replace"))
            except Exception:
                logger.exception("who calls by SRT could not be looked up")
                reason = 1500  # internal error
            if reason is not None:
                self._srt.srt_setrejectreason(id, reason)
            return 0 if reason is None else ERROR

        self._hook = HOOK(ask)  # kept: the library has the address of it
        self._call("srt_listen_callback", self._hook, None)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if family == socket.AF_INET6:
            self._set(IPV6ONLY, struct.pack("i", host != "::"))
        address = sockaddr(family, (host, port))
        self._call("srt_bind", address, len(address))
        self._call("srt_listen", 16)

    def port(self) -> int:
        """The port it is bound to."""
        address, size = ctypes.create_string_buffer(64), ctypes.c_int(64)
        self._call("srt_getsockname", address, ctypes.byref(size))
        return int(struct.unpack(">H", address.raw[2:4])[0])

    def accept(self) -> "SRTSocket | None":
        """The next caller; None when the socket was closed."""
        id = self._srt.srt_accept(self.id, None, None)
        return None if id == ERROR else SRTSocket(id)

    def call(self, family: int, address: tuple[Any, ...]) -> None:
        """Begin to connect; `is_connecting` says how far it is."""
        self._set(RCVSYN, b"\0")
        raw = sockaddr(family, address)
        self._call("srt_connect", raw, len(raw))

    def is_connecting(self) -> bool:
        """False once it is connected; from then on reads wait."""
        state = self._srt.srt_getsockstate(self.id)
        if state == CONNECTED:
            self._set(RCVSYN, b"\1")
        elif state != CONNECTING:
            reason = self._srt.srt_getrejectreason(self.id)
            raise SourceUnreachable(refusal(reason) or "it does not answer")
        return bool(state == CONNECTING)

    def receive(self) -> bytes | None:
        """One message; None when none came within RCVTIMEO."""
        buffer = ctypes.create_string_buffer(MESSAGE)
        size = self._srt.srt_recvmsg(self.id, buffer, MESSAGE)
        if size > 0:
            return buffer.raw[:size]
        if self._srt.srt_getlasterror(None) in TIMED_OUT:
            return None
        raise SourceUnreachable(self._last_error())

    def close(self) -> None:
        """Whoever waits in it is freed."""
        self._srt.srt_close(self.id)

    def _set(self, option: int, value: bytes) -> None:
        self._call("srt_setsockflag", option, value, len(value))

    def _call(self, name: str, *arguments: Any) -> None:
        if getattr(self._srt, name)(self.id, *arguments) == ERROR:
            raise SourceUnreachable(self._last_error())

    def _last_error(self) -> str:
        return str(self._srt.srt_getlasterror_str().decode("utf-8", "replace")).lower()


def refusal(reason: int) -> str:
    """Why a call was refused, in words; "" when it was not answered at all."""
    known = {
        10: "it is refused: the passphrase is wrong, or missing",
        11: "it is refused: it expects no passphrase",
        1401: "it is refused: the token is wrong",
        1403: "it is refused: not allowed",
        1404: "it is refused: nothing of that name",
        1402: "it is refused: it is full",
        1409: "it is refused: somebody sends under that name already",
        1502: "it is refused: the call is held by another server",
    }
    return known.get(reason, "")


def sockaddr(family: int, address: tuple[Any, ...]) -> bytes:
    """`struct sockaddr_in` or `sockaddr_in6`."""
    host, port = address[0].partition("%")[0], address[1]
    head = struct.pack("=H", family) + struct.pack(">H", port)
    if family == socket.AF_INET:
        return head + socket.inet_pton(family, host) + bytes(8)
    scope = address[3] if len(address) > 3 else 0
    return head + bytes(4) + socket.inet_pton(family, host) + struct.pack("=I", scope)
