"""Files that were uploaded become a meeting."""

from contextlib import ExitStack

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from meetings.imports import uploads
from meetings.imports.services import (
    ImportChoice,
    Refused,
    Source,
    import_files,
    numbers,
)
from meetings.imports.upload_views import refusal
from meetings.requests import AuthenticatedRequest

HTTP_STATUS = {"too_large": 413, "no_room": 507}


@login_required
@require_POST
def import_uploads(request: AuthenticatedRequest) -> JsonResponse:
    """POST uploads=ID...&title=&stereo=split&tracks=1,3; 201 {"code", "url"} or
    {"error"}.

    The uploads are gone afterwards. A job looks into them: what is wrong with a file
    stands on the page of the call.
    """
    with ExitStack() as stack:
        try:
            files = []
            for upload_id in request.POST.getlist("uploads"):
                upload = uploads.take(request.user, upload_id)
                stack.callback(uploads.forget, upload)
                files.append(Source(upload.data, upload.name))
            meeting = import_files(
                request.user,
                files,
                request.POST.get("title", ""),
                ImportChoice(
                    split_stereo=request.POST.get("stereo") == "split",
                    tracks=numbers(request.POST.get("tracks", "")),
                ),
                keep_sources=False,
            )
        except uploads.Denied as denied:
            return refusal(denied.code, str(denied), denied.status)
        except Refused as refused:
            status = HTTP_STATUS.get(refused.code, 400)
            return refusal(refused.code, str(refused), status)
    body = {"code": meeting.code, "url": meeting.get_absolute_url()}
    return JsonResponse(body, status=201)
