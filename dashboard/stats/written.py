"""How a figure is written for people."""

from meetings.times import clock

MINUTE = 60.0  # s from which a length is written as minutes


def written(value: float, unit: str, digits: int) -> str:
    """ "52 %", "0.81 s", "2:05 min"."""
    if unit == "s" and value >= MINUTE:
        return f"{clock(round(1000 * value))} min"
    return f"{value:.{digits}f} {unit}".strip()
