"""The cache that all processes share, and that nobody waits for in vain."""

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class PatientCache(RedisCache):
    """Empty while Valkey is away: people sign in, and limits do not count meanwhile."""

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            return _without(error, default)

    def set(self, *words: Any, **more: Any) -> None:
        try:
            super().set(*words, **more)
        except RedisError as error:
            _without(error, None)

    def add(self, *words: Any, **more: Any) -> bool:
        try:
            return bool(super().add(*words, **more))
        except RedisError as error:
            return bool(_without(error, True))

    def delete(self, *words: Any, **more: Any) -> bool:
        try:
            return bool(super().delete(*words, **more))
        except RedisError as error:
            return bool(_without(error, False))

    def incr(self, *words: Any, **more: Any) -> int:
        """Raises ValueError where there is nothing to count, as Django's own do."""
        try:
            return int(super().incr(*words, **more))
        except RedisError as error:
            raise ValueError(_without(error, "nothing is counted")) from error


def _without(error: RedisError, answer: Any) -> Any:
    log.warning("the cache is away", why=str(error))
    return answer
