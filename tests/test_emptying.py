"""Between tests with real transactions, the database is as migrations leave it."""

import pytest
from django.contrib.auth.models import User

from transcription.models import Language, Phrase


@pytest.mark.parametrize("turn", ["one", "the next"])
@pytest.mark.django_db(transaction=True)
def test_each_finds_what_migrations_have_sown(turn: str) -> None:
    assert Language.objects.filter(code="en").exists()
    assert Phrase.objects.count() > 500
    assert not User.objects.exists()
    User.objects.create_user("somebody")
    Phrase.objects.all()[0].delete()
    Language.objects.exclude(code="en").delete()
