"""Times of a call as people read them."""


def clock(ms: int) -> str:
    """Milliseconds from the start of the call as 0:07, 12:07 or 1:02:07."""
    seconds = int(ms) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


def length(ms: int) -> str:
    """A duration as people say it: 48 s, 38 min, 1 h 12 min."""
    seconds = round(int(ms) / 1000)
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
