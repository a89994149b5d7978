"""How often an address or a socket may ask."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The visitor's address; a proxy's headers count only when proxies are trusted."""
    return str(get_adapter().get_client_ip(request))


def limited(per_minute: int) -> Callable[[View], View]:
    """Answer 429 from the call after ``per_minute`` on, counted by client address."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if _calls(view.__name__, client_address(request)) > per_minute:
                text = "Too many tries. Wait a minute, then try again."
                return HttpResponse(text, status=429, headers={"Retry-After": "60"})
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _calls(name: str, address: str) -> int:
    key = f"calls:{name}:{address}:{int(time.time() // 60)}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key)
    except ValueError:  # the minute ended between the two lines
        return 1


class Bucket:
    """A token bucket: ``burst`` messages at once, then ``rate`` a second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = float(burst), 0.0

    def take(self, now: float) -> bool:
        """Whether one more message is allowed at ``now`` (monotonic seconds)."""
        passed = max(0.0, now - self._at)
        self._tokens = min(self._burst, self._tokens + passed * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
