"""tus 1.0 over HTTP: create, ask, append, give up. Bodies come in slices."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from meetings.imports import uploads
from meetings.imports.uploads import Denied, Upload
from meetings.models.names import one_line
from meetings.requests import AuthenticatedRequest

VERSION = "1.0.0"
SLICE_TYPE = "application/offset+octet-stream"


@method_decorator(login_required, name="dispatch")
class Tus(View):
    """What both addresses share: the version in all requests and answers."""

    def dispatch(
        self, request: HttpRequest, *args: Any, **more: Any
    ) -> HttpResponseBase:
        try:
            if request.method != "OPTIONS":
                _check_version(request)
            answer = super().dispatch(request, *args, **more)
        except Denied as denied:
            answer = refusal(denied.code, str(denied), denied.status)
        answer["Tus-Resumable"] = VERSION
        answer["Cache-Control"] = "no-store"
        return answer

    def options(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        """What this server can do."""
        return HttpResponse(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,termination",
                "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
            },
        )


class Uploads(Tus):
    """POST with Upload-Length and Upload-Metadata makes an upload: 201, Location."""

    def post(self, request: AuthenticatedRequest) -> HttpResponse:
        length = _number(request, "Upload-Length")
        upload = uploads.begin(request.user, length, _name(request))
        address = reverse("upload", args=[upload.id])
        return HttpResponse(status=201, headers={"Location": address})


class OneUpload(Tus):
    """HEAD tells the offset, PATCH appends there, DELETE gives up."""

    def head(self, request: AuthenticatedRequest, upload_id: UUID) -> HttpResponse:
        upload = _find(request, upload_id)
        length = {"Upload-Length": str(upload.length)}
        return HttpResponse(headers={"Upload-Offset": str(upload.offset), **length})

    def patch(self, request: AuthenticatedRequest, upload_id: UUID) -> HttpResponse:
        upload = _find(request, upload_id)
        if request.content_type != SLICE_TYPE:
            raise Denied("bad_type", 415, f"A slice is sent as {SLICE_TYPE}.")
        offset = _number(request, "Upload-Offset")
        after = uploads.append(upload, offset, cast(Any, request))
        return HttpResponse(status=204, headers={"Upload-Offset": str(after)})

    def delete(self, request: AuthenticatedRequest, upload_id: UUID) -> HttpResponse:
        uploads.forget(_find(request, upload_id))
        return HttpResponse(status=204)


def _find(request: AuthenticatedRequest, upload_id: UUID) -> Upload:
    upload = uploads.find(request.user, upload_id)
    if upload is None:
        raise Denied("no_upload", 404, "There is no such upload.")
    return upload


def _check_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Denied("bad_version", 412, f"This server speaks tus {VERSION}.")


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise Denied("bad_request", 400, f"{header} must be a number of bytes.")
    return int(value)


def _name(request: HttpRequest) -> str:
    """The file's name, from ``filename <base64>`` among the metadata."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                name = b64decode(value, validate=True).decode()
            except (NotBase64, UnicodeDecodeError):
                break
            last = one_line(name).replace("\\", "/").rsplit("/", 1)[-1]
            return last[:255] or "recording"
    return "recording"


def refusal(code: str, message: str, status: int) -> JsonResponse:
    """Why not, for scripts and for people."""
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)
