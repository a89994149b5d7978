"""Uploads are cut off while they stream in, before they can fill the disk."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class TooLarge(StopUpload):
    """The request is larger than UPLOAD_MAX_BYTES; the connection is closed."""


class SizeLimitHandler(FileUploadHandler):
    """Counts bytes over all files of a request and stops it at the limit."""

    total = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.total += len(raw_data)
        if self.total > settings.UPLOAD_MAX_BYTES and self.request is not None:
            self.request.META["earshot.upload_too_large"] = True
            raise TooLarge(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
