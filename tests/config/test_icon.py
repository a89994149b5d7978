"""What browsers ask for by themselves."""

import pytest

from tests.cast import Cast


@pytest.mark.django_db
def test_everybody_gets_the_icon_that_browsers_ask_for(cast: Cast) -> None:
    everybody = {visitor.name for visitor in cast.everybody}
    assert cast.let_in("/favicon.ico") == everybody
    icon = cast.nobody.client.get("/favicon.ico")
    assert icon["Location"] == "/static/site/earshot.svg"
