"""A microphone that sends nothing is shown to the others."""

from typing import Any

import pytest

from tests.cast import Cast
from tests.meetings.rooms import test_call
from tests.meetings.rooms.test_call import Browser

pytestmark = pytest.mark.django_db(transaction=True)

call_server_here = test_call.call_server_here
owner, guest = test_call.owner, test_call.guest


async def test_the_others_see_whose_microphone_sends_nothing(
    cast: Cast, owner: Browser, guest: Browser
) -> None:
    assert cast.guest.seat
    who = cast.guest.seat.pk

    def silent(people: list[dict[str, Any]]) -> list[int]:
        return [person["id"] for person in people if person["silent"]]

    await guest.socket.send_json_to({"type": "silent", "silent": True})
    await owner.wait_for_people(lambda people: silent(people) == [who])
    for nonsense in (False, 1, None, "yes"):
        await guest.socket.send_json_to({"type": "silent", "silent": nonsense})
        await owner.wait_for_people(lambda people: silent(people) == [])
