"""/metrics for Prometheus: for whoever has the token, without one for this machine."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from transcription.serving.metrics import EngineCollector

# A registry of its own: no library adds to it unasked.
registry = CollectorRegistry()
registry.register(EngineCollector())
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)

# Our front says of each request whether it had come by way of another proxy.
_OURS = settings.ENV.front != "none"
_FORWARDED = "X-Was-Forwarded" if _OURS else "X-Forwarded-For"
_PROXIED = (_FORWARDED, "X-Real-IP", "Forwarded", "Via")


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return JsonResponse({"error": "token_needed"}, status=403)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        asked = request.headers.get("Authorization", "")
        return constant_time_compare(asked, f"Bearer {settings.METRICS_TOKEN}")
    return _is_local(request)


def _is_local(request: HttpRequest) -> bool:
    """From this machine itself, and not for somebody else by way of a proxy on it.

    Some proxies add no header: where one is known to stand in front, nothing is local.
    """
    if settings.ENV.trust_proxy or settings.ENV.public_url:
        return False
    if any(name in request.headers for name in _PROXIED):
        return False
    address: str = request.META.get("REMOTE_ADDR", "")
    return bool(address) and ip_address(address).is_loopback
