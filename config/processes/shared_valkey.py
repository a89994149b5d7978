"""Whose Valkey a REDIS_URL leads to: two sites on one would take each other's calls.

Rooms, jobs and orders go by numbers of the site's own database, so a second site on the
same one holds its rooms, runs its jobs and ends its calls. The mark is made of
SECRET_KEY, which all machines of one site share.
"""

import structlog
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from meetings import valkey

log = structlog.get_logger(__name__)

SALT = "earshot.valkey"


class AnotherSite(Exception):
    """Its mark is another site's; the message says what to do."""


def claim() -> None:
    """Mark the Valkey as this site's. Raises AnotherSite.

    One that is away is left to the processes that wait for it.
    """
    try:
        valkey.client().set(_key(), _mark(), nx=True)
    except RedisError as error:
        log.warning("Valkey is away, whose it is cannot be seen", why=str(error))
        return
    if not is_ours():
        raise AnotherSite(
            "REDIS_URL is used by another Earshot, and their calls would mix. Give "
            "this one a database of its own (redis://host:6379/1). If it is this site "
            f"with a new SECRET_KEY: valkey-cli DEL {_key()}"
        )


def is_ours() -> bool:
    """Whether no other site has marked it. Raises RedisError."""
    return valkey.client().get(_key()) in (None, _mark())


def _key() -> str:
    return valkey.key("site")


def _mark() -> bytes:
    return salted_hmac(SALT, "site", algorithm="sha256").hexdigest()[:16].encode()
