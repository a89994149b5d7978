"""A file on its way in, as a tus client sends it."""

from base64 import b64encode
from typing import Any

from django.test import Client

TUS = {"Tus-Resumable": "1.0.0"}


def create(client: Client, length: int, name: str = "ann.wav", **headers: str) -> Any:
    metadata = f"filename {b64encode(name.encode()).decode()},filetype YQ=="
    told = {"Upload-Length": str(length), "Upload-Metadata": metadata}
    return client.post("/uploads/", headers={**TUS, **told, **headers})


def patch(client: Client, address: str, offset: int, data: bytes) -> Any:
    return client.patch(
        address,
        data,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Offset": str(offset)},
    )


def sent(client: Client, name: str, data: bytes) -> str:
    """The id of an upload that arrived in full."""
    address = create(client, len(data), name)["Location"]
    if data:
        assert patch(client, address, 0, data).status_code == 204
    return str(address.rsplit("/", 1)[1])
