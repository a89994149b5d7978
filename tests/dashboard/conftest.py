"""The cast after their meeting. Django's models are imported late: see ../conftest."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from meetings.models import Meeting, Participant
    from tests.cast import Cast


@pytest.fixture
def ended(cast: "Cast") -> "Meeting":
    """The cast's meeting after its end: 60 s long, without a line yet."""
    from tests.dashboard.calls import end

    return end(cast.meeting)


@pytest.fixture
def owner(ended: "Meeting", cast: "Cast") -> "Participant":
    """The owner's participant in the ended meeting."""
    assert cast.owner.seat
    cast.owner.seat.meeting = ended
    return cast.owner.seat


@pytest.fixture
def guest(ended: "Meeting", cast: "Cast") -> "Participant":
    """The guest's participant in the ended meeting."""
    assert cast.guest.seat
    cast.guest.seat.meeting = ended
    return cast.guest.seat
