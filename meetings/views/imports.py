"""Files dragged into the page become a meeting."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import JsonResponse
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_POST

from meetings.imports import Refused, Source, import_files
from meetings.requests import AuthenticatedRequest

HTTP_STATUS = {"too_large": 413, "not_media": 415, "no_audio": 415}


@login_required
@require_POST
def upload(request: AuthenticatedRequest) -> JsonResponse:
    """POST files=...&title=&stereo=split; 201 {"code", "url"} or {"error"}."""
    if _declared_too_large(request):
        return _refusal(_too_large())
    files = request.FILES.getlist("files")  # reads the body, up to the limit
    try:
        if request.META.get("earshot.upload_too_large"):
            raise _too_large()
        meeting = import_files(
            request.user,
            [_source(file) for file in files],
            request.POST.get("title", ""),
            split_stereo=request.POST.get("stereo") == "split",
            keep_sources=False,
        )
    except Refused as refused:
        return _refusal(refused)
    body = {"code": meeting.code, "url": meeting.get_absolute_url()}
    return JsonResponse(body, status=201)


def _source(file: Any) -> Source:
    assert isinstance(file, TemporaryUploadedFile)  # FILE_UPLOAD_HANDLERS
    return Source(Path(file.temporary_file_path()), file.name or "recording")


def _declared_too_large(request: AuthenticatedRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    slack = 1_000_000  # multipart headers and form fields
    return length.isdigit() and int(length) > settings.UPLOAD_MAX_BYTES + slack


def _too_large() -> Refused:
    limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
    return Refused("too_large", f"The files are larger than {limit} together.")


def _refusal(refused: Refused) -> JsonResponse:
    error = {"code": refused.code, "message": str(refused)}
    return JsonResponse({"error": error}, status=HTTP_STATUS.get(refused.code, 400))
