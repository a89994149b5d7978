"""Messages about a meeting that cross processes: from jobs to open pages."""

import json
from typing import Any

import structlog
from redis.exceptions import RedisError

from meetings.valkey import client, key

log = structlog.get_logger(__name__)

CHANNEL = key("events")


def announce(meeting_id: int, event: dict[str, Any]) -> None:
    """Send ``event`` (JSON-ready, with a "type") to every open page of the meeting.

    Not on an event loop. A page that misses one is told how things stand when Valkey
    is back, so its absence is a warning, not a failure.
    """
    word = json.dumps({"meeting": meeting_id, "event": event})
    try:
        client().publish(CHANNEL, word)
    except RedisError as error:
        log.warning("a page was not told", told=event["type"], error=str(error))
