from hypothesis import given
from hypothesis import strategies as st

from benchmarks.call import Spoken
from benchmarks.figures import Figures
from benchmarks.rivals.display import Table, ends, measure
from benchmarks.rivals.screen import Screen
from benchmarks.words import errors

WORDS = (
    Spoken("the", 0.0, 0.2),
    Spoken("price", 0.2, 0.6),
    Spoken("yes", 3.0, 3.4),
)


def test_it_measures_from_a_words_end_to_its_first_display() -> None:
    display = Figures()
    seen = [
        (0.5, Screen(open="the")),
        (0.9, Screen(open="The price.")),
        (1.5, Screen(settled="The price.")),
        (3.5, Screen("The price.", "yes")),
        (4.0, Screen("The price. Yes.")),
    ]

    measure(display, WORDS, seen, since=0.0)

    assert [round(delay, 3) for delay in display.fd] == [0.3, 0.3, 0.1]
    assert sorted(round(delay, 3) for delay in display.fin) == [0.6, 0.9]
    assert (display.coverage, display.wer) == (1.0, 0.0)


def test_it_counts_no_word_that_the_last_text_lacks() -> None:
    display = Figures()
    seen = [(0.7, Screen(open="the price")), (1.5, Screen("the ice"))]

    measure(display, WORDS, seen, since=0.0)

    assert [round(delay, 3) for delay in display.fd] == [0.5]
    assert display.wer == 2 / 3


def test_it_counts_words_first_shown_as_final_as_not_covered() -> None:
    display = Figures()

    measure(display, WORDS, [(1.5, Screen("the price"))], since=0.0)

    assert (len(display.fd), display.coverage) == (2, 0.0)


def test_it_leaves_out_latencies_of_the_warm_up() -> None:
    display = Figures()

    measure(display, WORDS, [(3.5, Screen("the price yes"))], since=1.0)

    assert (len(display.fd), len(display.fin)) == (1, 1)


def test_it_takes_a_word_that_was_said_twice_and_shown_once_for_the_first() -> None:
    twice = (Spoken("yes", 0.0, 0.3), Spoken("yes", 3.0, 3.3))
    display = Figures()

    measure(display, twice, [(3.2, Screen("yes"))], since=0.0)

    assert [round(delay, 3) for delay in display.fd] == [2.9]


def test_it_credits_a_good_guess_and_no_prophecy() -> None:
    guess, prophecy = Figures(), Figures()

    measure(guess, WORDS, [(2.8, Screen("the price yes"))], since=3.0)
    measure(prophecy, WORDS, [(1.0, Screen("the price yes"))], since=3.0)

    assert [round(delay, 3) for delay in guess.fd] == [-0.6]
    assert prophecy.fd == []


def test_it_finds_the_words_before_pauses() -> None:
    assert ends(WORDS) == [1, 2]
    assert ends(()) == []


def test_it_measures_a_stream_that_showed_nothing() -> None:
    display = Figures()

    measure(display, WORDS, [], since=0.0)

    assert (display.fd, display.wer) == ([], 1.0)


TEXT = st.lists(st.sampled_from("abc"), max_size=6)


@given(said=TEXT, texts=st.lists(TEXT, min_size=1, max_size=4))
def test_it_aligns_a_growing_text_with_the_fewest_errors(
    said: list[str], texts: list[str]
) -> None:
    table = Table(said)
    for heard in texts:
        table.take(heard)
        pairs = list(table.pairs(len(said)))

        assert all(said[i] == heard[j] for i, j in pairs)
        assert len(pairs) >= max(len(said), len(heard)) - errors(said, heard)
