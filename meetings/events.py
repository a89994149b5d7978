"""Messages about a meeting that cross processes: from jobs to open pages."""

from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


def group_of(meeting_id: int) -> str:
    return f"meeting.{meeting_id}"


def announce(meeting_id: int, event: dict[str, Any]) -> None:
    """Send ``event`` (JSON-ready, with a "type") to every open page of the meeting.

    From synchronous code only. A page that misses one catches up on reload, so an
    absent Redis is a warning, not a failure.
    """
    message = {"type": "meeting.event", "event": event}
    try:
        async_to_sync(get_channel_layer().group_send)(group_of(meeting_id), message)
    except (RedisError, OSError) as error:
        log.warning("a page was not told", told=event["type"], error=str(error))
