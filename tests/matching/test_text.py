"""What counts as a word, and what never does."""

import time

import pytest

from broker.matching.text import STOP_WORDS, as_written, stems


@pytest.mark.parametrize("word", ["fire", "bill", "system", "interest", "mill", "move", "call", "find", "show"])
def test_words_that_name_a_subject_survive(word: str) -> None:
    """scikit-learn's built-in list swallows these."""
    assert word not in STOP_WORDS
    assert stems(f"the {word}") == stems(word) != []


def test_stop_words_are_as_the_analyser_sees_them() -> None:
    """An upper-case letter, an accent or an apostrophe in the list could never match."""
    assert [word for word in STOP_WORDS if not (word.isascii() and word.isalpha() and word.islower())] == []


@pytest.mark.parametrize(
    "text",
    [
        "17th",
        "17",
        "2019",
        "7pm",
        "1980s",
        "3rd of December 2024",
        "17th Dec",
        "Monday 1 June",
        "10.30 am",
        "11-16",
        "1½",
    ],
)
def test_numbers_and_dates_are_no_words(text: str) -> None:
    assert stems(text) == []


def test_a_date_and_a_scout_group_have_nothing_in_common() -> None:
    assert not set(stems("Party on 17th Dec")) & set(stems("17th Stretford Scout Group"))


def test_names_with_digits_stay_words() -> None:
    assert stems("5k run, u11s, b2b") == ["5k", "run", "u11", "b2b"]


def test_case_accents_and_endings_do_not_matter() -> None:
    assert stems("CAFÉS") == stems("cafe\u0301s") == stems("Cafe") == ["cafe"]
    assert stems("gardening") == stems("Gardens") == stems("gardened") == ["garden"]


def test_letters_from_word_processors_are_ordinary_letters() -> None:
    assert stems("ﬁre ｂｉｌｌ") == stems("fire bill")


def test_apostrophes_of_both_kinds() -> None:
    assert stems("children's") == stems("children’s") == ["children"]
    assert stems("don't isn’t we're they’ve") == []


def test_hyphens_join_what_would_be_lost_alone() -> None:
    assert stems("well-being e-mail") == stems("wellbeing email")
    assert stems("youth-led") == stems("youth led")


def test_addresses_and_full_postcodes_are_no_words() -> None:
    text = "mary.smith@example.org https://example.org/a?b=c www.example.org M33 7AB m337ab"
    assert stems(text) == []


def test_other_scripts_are_words() -> None:
    assert len(stems("مرحبا 日本語 Привет")) == 3


@pytest.mark.parametrize("text", ["", " \n\t", "😀🎉", "the and of", "-- '' ’-", "\x00", "a b c"])
def test_nothing_to_say(text: str) -> None:
    assert stems(text) == []


@pytest.mark.parametrize("part", ["a", "a-", "a.", "a1", "'", "@", "http://", "w@", "é", "ab "])
def test_hostile_lengths_take_no_time(part: str) -> None:
    began = time.process_time()
    stems(part * 20_000)
    assert time.process_time() - began < 1


def test_a_run_of_letters_beyond_any_word_is_noise() -> None:
    assert stems("x" * 46) == []


def test_words_are_shown_as_the_author_wrote_them() -> None:
    assert as_written("Laptops for the Café's club. We need laptops!") == {
        "laptop": "laptops",
        "cafe": "Café",
        "club": "club",
    }
