"""People tune in the admin; the processes obey within a second."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db.utils import OperationalError

from tests.cast import Cast
from transcription.models import Configuration, Language, Phrase
from transcription.serving import server
from transcription.speech.filters import Draft, Evidence, clean
from transcription.tuning import snapshot

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN = 1.0  # seconds from saving to effect
STRONG = Evidence(0.0, 3.0, ((0.0, 2.5),), confidence=0.9)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database without seeds (tests truncate it) and nothing taken over yet."""
    monkeypatch.setattr(snapshot, "_now", snapshot.Snapshot())
    Language.objects.get_or_create(code="en", defaults={"scripts": ["Latin"]})


@pytest.fixture
def watching() -> Iterator[list[snapshot.Snapshot]]:
    """The thread of the web process; the list gets what it took over."""
    snapshot.current()
    seen: list[snapshot.Snapshot] = []
    stopping = threading.Event()
    thread = threading.Thread(
        target=snapshot.watch, args=(stopping, lambda _, now: seen.append(now))
    )
    thread.start()
    yield seen
    stopping.set()
    thread.join()


def within_a_second(state: Callable[[], bool]) -> float:
    begun = time.monotonic()
    while not state():
        assert time.monotonic() - begun < 5 * WITHIN, "it was not taken over"
        time.sleep(0.01)
    return time.monotonic() - begun


def cleaned(text: str) -> str:
    return clean(Draft(text), STRONG, snapshot.rules_for("en")).text


def as_admin(cast: Cast) -> None:
    user = cast.owner.user
    assert user is not None
    user.is_staff = user.is_superuser = True
    user.save()


def test_a_phrase_added_in_the_admin_goes_from_the_next_line_on(
    cast: Cast, watching: list[snapshot.Snapshot]
) -> None:
    as_admin(cast)
    assert cleaned("We talk. Blue moon rising.") == "We talk. Blue moon rising."
    english = Language.objects.get(code="en")
    answer = cast.owner.client.post(
        "/admin/transcription/phrase/add/",
        {"language": english.pk, "phrase": "blue moon rising", "tier": "certain"},
    )
    assert answer.status_code == 302
    within_a_second(lambda: cleaned("We talk. Blue moon rising.") == "We talk.")


def test_a_script_taken_off_the_list_goes_from_the_next_line_on(
    cast: Cast, watching: list[snapshot.Snapshot]
) -> None:
    as_admin(cast)
    english = Language.objects.get(code="en")
    english.scripts = ["Latin", "Cyrillic"]
    english.save()
    Configuration.publish()
    within_a_second(lambda: cleaned("The price это low") == "The price это low")
    answer = cast.owner.client.post(
        f"/admin/transcription/language/{english.pk}/change/",
        {
            "code": "en",
            "name": "English",
            "enabled": "on",
            "scripts": ["Latin"],
            "weak_speech": 0.3,
            "weak_probability": 0.5,
            "weak_no_speech": 0.3,
        },
    )
    assert answer.status_code == 302, answer.content
    within_a_second(lambda: cleaned("The price это low") == "The price low")


def test_the_version_goes_up_with_each_change(cast: Cast) -> None:
    before = snapshot.current().version
    Configuration.publish()
    change = snapshot.look()
    assert change is not None
    assert change[1].version == before + 1
    assert snapshot.look() is None


def test_those_who_are_told_of_a_change_are_told_again_when_the_database_was_away(
    cast: Cast,
) -> None:
    before = snapshot.current()
    told: list[tuple[int, int]] = []
    stopping = threading.Event()

    def taken_over(before: snapshot.Snapshot, now: snapshot.Snapshot) -> None:
        told.append((before.version, now.version))
        if len(told) < 3:
            raise OperationalError("the server closed the connection")
        stopping.set()

    thread = threading.Thread(target=snapshot.watch, args=(stopping, taken_over))
    thread.start()
    Configuration.publish()
    thread.join(10 * WITHIN)
    assert not thread.is_alive()
    assert told == [(before.version, before.version + 1)] * 3


def test_rules_say_of_which_version_they_are() -> None:
    now = snapshot.current()
    assert snapshot.rules_for("en").version == now.version
    assert snapshot.rules_for("xx").version == now.version


def test_a_person_with_another_language_is_heard_in_it(
    cast: Cast, watching: list[snapshot.Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_admin(cast)
    told: list[snapshot.Snapshot] = []
    monkeypatch.setattr(server.here(), "listeners", [told.append])
    guest = cast.guest.seat
    assert guest is not None
    url = f"/admin/meetings/participant/{guest.pk}/change/"
    form = {
        "meeting": guest.meeting_id,
        "link": guest.link_id,
        "name": guest.name,
        "side": guest.side,
        "colour": guest.colour,
        "language": "xx",
    }
    refused = cast.owner.client.post(url, form)
    assert "is not one of the available choices" in refused.content.decode()
    assert cast.owner.client.post(url, {**form, "language": "fr"}).status_code == 302
    within_a_second(lambda: bool(watching))


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("code", "klingon", "klingon"),
        ("scripts", ["Runes"], "Runes"),
        ("weak_probability", 3.0, "less than or equal to 1"),
    ],
)
def test_a_bad_value_is_refused_with_its_reason(
    field: str, value: object, reason: str
) -> None:
    language = Language(code="pt", name="Portuguese")
    setattr(language, field, value)
    with pytest.raises(ValidationError) as refused:
        language.full_clean()
    assert reason in str(refused.value.message_dict[field])


def test_a_phrase_stands_in_the_bag_once() -> None:
    english = Language.objects.get(code="en")
    first = Phrase(language=english, phrase="So long!", tier="ambiguous")
    first.full_clean()
    first.save()
    twin = Phrase(language=english, phrase="so LONG", tier="certain")
    with pytest.raises(ValidationError, match="in the bag already"):
        twin.full_clean()


def test_a_bad_model_folder_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("model")
    configuration = Configuration.now()
    configuration.model = str(folder)
    with pytest.raises(ValidationError, match="lacks"):
        configuration.full_clean()


@pytest.mark.parametrize(
    "name", ["~nobody-of-that-name/x", "a" * 260, "/" + "a" * 260, "../small/x"]
)
def test_a_path_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="no folder|not a folder|cannot be read"):
        Configuration(model=name).full_clean()


def test_a_phrase_that_is_too_long_once_it_is_written_out_is_refused() -> None:
    english = Language.objects.get(code="en")
    with pytest.raises(ValidationError, match="too long"):
        Phrase(language=english, phrase="\u337f" * 150, tier="certain").full_clean()


@pytest.mark.parametrize("name", ["smal", "demo", "large-v9", "a/b/c"])
def test_a_model_that_nobody_knows_is_refused(name: str) -> None:
    configuration = Configuration.now()
    configuration.model = name
    with pytest.raises(ValidationError, match="There is no Whisper called"):
        configuration.full_clean()


@pytest.mark.parametrize(
    "name",
    ["", "auto", "small", "large-v3-turbo", "Systran/faster-whisper-tiny"],
)
def test_a_model_may_be_a_size_or_a_repository(name: str) -> None:
    configuration = Configuration.now()
    configuration.model = name
    configuration.full_clean()


def test_a_fault_while_compiling_keeps_what_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = snapshot.current()
    Configuration.publish()

    def broken() -> snapshot.Snapshot:
        raise RuntimeError("cannot compile")

    monkeypatch.setattr(snapshot, "load", broken)
    with pytest.raises(RuntimeError):
        snapshot.look()
    assert snapshot.current() is before
