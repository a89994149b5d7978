"""structlog for our own lines and for everybody else's, with one renderer."""

import logging
import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Noise of the libraries: one line per ICE candidate, per websocket frame, per job poll.
QUIET = (
    *("aiortc", "aioice", "asyncio", "daphne", "django.channels", "rq.worker"),
    *("fontTools", "fpdf"),  # they name the letters of what they write
)


# Addresses that let somebody in; what follows is worth as much as a password.
_LINKS = re.compile(r"(/join/|/signin/[^/\s]+/|/reset/key/)[^/\s?\"']+")


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
    """Leave out what would let a reader of the log in."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _LINKS.sub(r"\1...", value)
    return event


class Refusals(logging.Filter):
    """A client that was refused is a line: a traceback shows Django's way there."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if isinstance(status, int) and 400 <= status < 500:
            record.exc_info = None
        return True


def configure(kind: str, *, debug: bool) -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        redact,
    ]
    if kind == "json":
        render: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        # The default draws frames with their local variables: noise, and secrets.
        plain = structlog.dev.plain_traceback
        render = [
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)
        ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *render,
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": formatter},
            "filters": {"refusals": {"()": Refusals}},
            "handlers": {
                "console": {
                    "class": "logging.StreamHandler",
                    "formatter": "line",
                    "filters": ["refusals"],
                }
            },
            "root": {"handlers": ["console"], "level": "DEBUG" if debug else "INFO"},
            "loggers": {
                **{name: {"level": "WARNING"} for name in QUIET},
                # What RQ gave up goes on by its row, and meetings.jobs says so.
                "rq.registry": {"level": "ERROR"},
            },
        }
    )
