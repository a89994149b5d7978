"""Files that were uploaded become a meeting."""

from contextlib import ExitStack
from functools import partial

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from meetings.imports import about, uploads
from meetings.imports.choosing import choice_of, ground
from meetings.imports.known import Duplicate
from meetings.imports.refused import Refused
from meetings.imports.services import SourceFile, import_files
from meetings.imports.upload_views import refusal
from meetings.imports.uploads import Upload
from meetings.models.names import one_line
from meetings.requests import AuthenticatedRequest

HTTP_STATUS = {"too_large": 413, "no_room": 507}


@login_required
@require_POST
def import_uploads(request: AuthenticatedRequest) -> JsonResponse:
    """POST uploads=ID...&title= and what ``choice_of`` reads; 201 {"code", "url"} or
    {"error"}. A person and a side for each file, or for left and right; what is empty
    goes by the file. 409: a file is a call already; "again=1" takes it all the same.

    The uploads are gone afterwards, but after a 409. A job looks into them: what is
    wrong with a file stands on the page of the call.
    """
    with ExitStack() as stack:
        taken: list[Upload] = []
        try:
            for upload_id in request.POST.getlist("uploads"):
                upload = uploads.take(request.user, upload_id)
                stack.callback(uploads.forget, upload)
                taken.append(upload)
            meeting = import_files(
                request.user,
                [SourceFile(upload.data, upload.name) for upload in taken],
                request.POST.get("title", ""),
                choice_of(request.POST),
                keep_sources=False,
            )
        except Duplicate as duplicate:
            stack.pop_all()
            stack.callback(partial(_give_back, taken))
            return _known(duplicate)
        except uploads.Denied as denied:
            return refusal(denied.code, str(denied), denied.status)
        except Refused as refused:
            status = HTTP_STATUS.get(refused.code, 400)
            return refusal(refused.code, str(refused), status)
    body = {"code": meeting.code, "url": meeting.get_absolute_url()}
    return JsonResponse(body, status=201)


def _give_back(taken: list[Upload]) -> None:
    for upload in taken:
        uploads.give_back(upload)


def _known(duplicate: Duplicate) -> JsonResponse:
    call = duplicate.meeting
    error = {
        "code": duplicate.code,
        "message": str(duplicate),
        "url": call.get_absolute_url() if call else "",
        "title": call.name if call else "",
    }
    return JsonResponse({"error": error}, status=409)


@login_required
@require_POST
def describe(request: AuthenticatedRequest) -> JsonResponse:
    """POST file: what a table or a JSON file says of recordings, by their names.
    Nothing is kept. 422 for one that describes none."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return refusal("no_file", "Choose a file.", 400)
    name = one_line(file.name or "")[:80] or "The file"
    content = file.read(about.MOST_BYTES + 1)
    try:
        found = about.read(content, name, ground())
    except about.NoDescription as reason:
        return refusal("no_description", str(reason), 422)
    return JsonResponse(found.as_json())
