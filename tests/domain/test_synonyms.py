"""What an entry of words that mean the same needs, and what is said of one that lacks it."""

import pytest

from broker.domain.synonyms import LONGEST, MOST_PHRASES, as_phrases, name_problem, phrase_key, phrase_problems

SMALL = frozenset({"the", "and", "of", "help"})


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("homework club\nafter-school  learning", ["homework club", "after-school learning"]),
        ("one, two; three ,\n\n four", ["one", "two", "three", "four"]),
        ("", []),
        (" \n , ;\t", []),
    ],
)
def test_phrases_stand_on_lines_or_between_commas(typed: str, phrases: list[str]) -> None:
    assert as_phrases(typed) == phrases


def test_two_that_differ_in_capitals_alone_are_one() -> None:
    assert phrase_key("Homework  Club") == phrase_key("homework club")


@pytest.mark.parametrize(
    ("say", "hint", "problems"),
    [
        (["homework club", "after-school learning"], [], {}),
        (["homework club"], ["pupils"], {}),
        ([], [], {"say": "missing"}),
        ([], ["pupils", "school"], {"say": "missing"}),
        (["homework club"], [], {"say": "few"}),
        (["the and of", "homework"], [], {"say": "empty:the and of"}),
        (["2024", "homework"], [], {"say": "empty:2024"}),
        (["homework", "learning"], ["of the"], {"hint": "empty:of the"}),
        (["homework", "Homework"], [], {"say": "twice:Homework"}),
        (["homework", "learning"], ["LEARNING"], {"hint": "twice:LEARNING"}),
        (["homework", "x" * (LONGEST + 1)], [], {"say": f"long:{'x' * LONGEST}"}),
        (["help with homework", "🎈"], [], {"say": "empty:🎈"}),
        ([f"word {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MOST_PHRASES + 1)], [], {"say": "many"}),
    ],
)
def test_what_does_not_do_is_named(say: list[str], hint: list[str], problems: dict[str, str]) -> None:
    assert phrase_problems(say, hint, SMALL) == problems


def test_what_shipped_counts_and_is_not_said_again() -> None:
    shipped = ["homework club", "after-school learning"]
    assert phrase_problems([], [], SMALL, shipped) == {}
    assert phrase_problems(["study group"], [], SMALL, shipped) == {}
    assert phrase_problems(["Homework Club"], [], SMALL, shipped) == {"say": "twice:Homework Club"}


@pytest.mark.parametrize(
    ("name", "problem"), [("help with homework", None), ("  ", "missing"), ("x" * (LONGEST + 1), "long")]
)
def test_a_name(name: str, problem: str | None) -> None:
    assert name_problem(name) == problem
