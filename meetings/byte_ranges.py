"""RFC 9110, section 14: which bytes of a file a request asks for."""

import re

ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})$")


class OutsideFile(Exception):
    """No byte of the file lies in the range that was asked for: answer 416."""


def wanted(header: str, size: int) -> range | None:
    """Bytes that a Range header asks for in a file of ``size``; None: all of it.

    Several ranges, other units and nonsense count as no header, as the RFC allows.
    Raises OutsideFile.
    """
    match = ONE_RANGE.match(header.replace(" ", ""))
    if match is None or match.group(1, 2) == ("", ""):
        return None
    first, last = match.group(1, 2)
    if not first:
        asked = range(max(0, size - int(last)), size)
    elif last and int(last) < int(first):
        return None
    else:
        asked = range(int(first), min(int(last) + 1 if last else size, size))
    if not asked:
        raise OutsideFile(header)
    return asked
