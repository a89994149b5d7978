"""Lines that are true for everybody, under the bar of every page."""

from typing import Any

from django.http import HttpRequest

from transcription import serving


def banners(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html: ``banners`` is a list of sentences."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"banners": []}
    note = serving.banner()
    return {"banners": [note] if note else []}
