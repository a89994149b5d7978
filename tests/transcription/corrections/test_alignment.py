"""A line that is written anew keeps the times of the words that stayed."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from transcription.corrections.alignment import retimed
from transcription.words import places

HELLO: list[list[Any]] = [
    ["Hello", 0, 250, 0.9],
    ["mister", 300, 550, 0.4],
    ["Smith,", 600, 850, 0.3],
    ["welcome.", 2000, 2500, 0.9],
]
TEXT = "Hello mister Smith, welcome."


def test_it_keeps_the_time_of_each_word_that_stayed() -> None:
    words = retimed(TEXT, HELLO, "Hello Mister Smythe, welcome.", (0, 2500))
    assert words == [
        ["Hello", 0, 250, 0.9],
        ["Mister", 300, 550, 1.0],
        ["Smythe,", 600, 850, 1.0],
        ["welcome.", 2000, 2500, 0.9],
    ]


def test_it_shares_the_time_of_what_was_replaced() -> None:
    words = retimed(TEXT, HELLO, "Hello Mrs. and Mr. Smith, welcome.", (0, 2500))
    assert [word for word in words if word[0] in ("Mrs.", "and", "Mr.")] == [
        ["Mrs.", 300, 400, 1.0],
        ["and", 400, 475, 1.0],
        ["Mr.", 475, 550, 1.0],
    ]
    assert words[-1] == ["welcome.", 2000, 2500, 0.9]


def test_it_puts_new_words_into_the_pause_where_they_stand() -> None:
    words = retimed(TEXT, HELLO, "Hello mister Smith, you are welcome.", (0, 2500))
    new = [word for word in words if word[0] in ("you", "are")]
    assert new == [["you", 850, 1425, 1.0], ["are", 1425, 2000, 1.0]]


def test_it_times_a_line_that_had_no_words() -> None:
    words = retimed("Hi all", [], "Hi you all", (1000, 2600))
    assert [word[:2] for word in words][0] == ["Hi", 1000]
    assert words[-1][2] == 2600


def test_it_times_scripts_without_spaces_letter_by_letter() -> None:
    old = [["価格は", 0, 300, 0.9], ["高い", 300, 500, 0.9]]
    words = retimed("価格は高い", old, "価格が高い", (0, 500))
    assert [word[0] for word in words] == list("価格が高い")
    assert (words[2][1], words[2][2]) == (200, 300)
    assert (words[3][1], words[4][2]) == (300, 500)


def test_a_long_line_that_is_all_new_takes_no_long_time() -> None:
    old = [["no", n, n + 1, 0.5] for n in range(3000)]
    text = "yes " * 3000
    words = retimed("no " * 3000, old, text.strip(), (0, 3000))
    assert (len(words), words[0][1], words[-1][2]) == (3000, 0, 3000)


SOME = st.lists(st.sampled_from(["a", "b,", "B", "cc", "価格", "—"]), max_size=12)


@given(SOME, SOME)
def test_words_come_in_order_of_time_and_all_have_a_place(
    old: list[str], new: list[str]
) -> None:
    timed = [[word, 300 * n, 300 * n + 250, 0.9] for n, word in enumerate(old)]
    text = " ".join(new)
    words = retimed(" ".join(old), timed, text, (0, 300 * len(old)))
    assert len(places(text, words)) == len(words)
    assert "".join(word for word, *_ in words) == "".join(new)
    assert all(start <= end for _, start, end, _ in words)
    assert all(one[1] <= other[1] for one, other in pairwise(words))
