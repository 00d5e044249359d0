"""What is stored is said in words; what people wrote stays as they wrote it."""

import pytest

from broker.web.stored_words import stored_name, stored_value

VALUES: list[tuple[object, str]] = [
    (None, "–"),
    (True, "Yes"),
    (False, "No"),
    (0, "0"),
    ("2026-11-23T05:09:14+00:00", "23 November 2026, 05:09"),
    ("2027-02-12", "12 February 2027"),
    ("2027-02-31x", "2027-02-31x"),
    ("transactional", "One-off"),
    ("ended_early", "ended early"),
    ("See my_file and 2027-02-12", "See my_file and 2027-02-12"),
    (["name", "place"], "name, place"),
    ({"starts_on": [None, "2026-11-30"], "is_group": True}, "Starts on: – → 30 November 2026; Is group: Yes"),
]


@pytest.mark.parametrize(("stored", "said"), VALUES)
def test_a_value_is_said_in_words(stored: object, said: str) -> None:
    assert stored_value(stored) == said


def test_a_name_is_said_in_words() -> None:
    names = ("id", "authority_id", "created_at", "event_head")
    assert [stored_name(name) for name in names] == ["Number", "Council number", "Created at", "Event head"]
