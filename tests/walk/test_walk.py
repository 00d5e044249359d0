"""Every page, asked for by every kind of visitor about every thing in every state, held against the declared table."""

import os
from collections import Counter
from functools import cache

import pytest
from werkzeug.test import TestResponse

from broker.web import guard
from tests.walk.asking import WORD, Asking, steady, words_of
from tests.walk.columns import NEVER_SHOWN, OF_ONE_PERSON, OPEN_WORDS, PRIVATE, columns_of_words
from tests.walk.table import FINER, SHOWN_TO_ITS_BEARER, STATUS, Cell, cells, expected
from tests.walk.visitors import Walk

EVERY = int(os.environ.get("BROKER_WALK_EVERY", "1"))  # 12 asks every twelfth cell, on a second database
VISITORS = (
    "stranger", "switched-off officer", "unrelated member", "member of the owner", "member of the other side",
    "officer of the area", "officer elsewhere", "administrator", "colleague for one promise", "contract manager",
    "councillor",
)  # fmt: skip


@cache
def asking(walk: Walk) -> tuple[Asking, list[Cell]]:
    every = cells(walk)
    return Asking(walk, every), every


def problems(walk: Walk, cell: Cell, answer: TestResponse, by: Asking) -> list[str]:
    """Everything in which an answer is not what the table says."""
    wanted, wrong, written = expected(walk, cell), list[str](), list(walk.city.written)
    if answer.status_code >= 500:
        wrong.append(f"{cell} gave {answer.status_code}")
    if wanted in STATUS and answer.status_code not in STATUS[wanted]:
        wrong.append(f"{cell} gave {answer.status_code}, but it is {wanted}")
    if wanted == "allowed" and answer.status_code == 403 and cell.rule.endpoint not in FINER:
        wrong.append(f"{cell} gave 403, but it is allowed")
    if written and (cell.method == "GET" or wanted in STATUS):
        wrong.append(f"{cell} wrote {written[0]}")
    read = set(WORD.findall(words_of(answer)))
    shown = SHOWN_TO_ITS_BEARER.get(str(cell.rule.endpoint), ("nothing",))
    for canary in walk.canaries if read else ():
        if canary.text in read and not canary.may_be_read_by(cell.visitor.actor) and not canary.text.startswith(shown):
            wrong.append(f"{cell} shows {canary.text}")
    if wanted == "missing" and cell.facts and cell.facts.exists and steady(answer) != by.about_nothing(cell):
        wrong.append(f"{cell}: what is private can be told from what does not exist")
    return wrong


def walk_through(walk: Walk, chosen: list[Cell]) -> tuple[list[str], Counter[str]]:
    """What is wrong in these cells, and how many there were of each expectation."""
    by, wrong, seen = asking(walk)[0], list[str](), Counter[str]()
    for cell in chosen:
        answer = by.ask(cell)
        seen[expected(walk, cell)] += 1
        seen["wrote"] += bool(walk.city.written)
        seen["shows something private"] += bool(WORD.search(words_of(answer)))
        wrong += problems(walk, cell, answer, by)
    return wrong, seen


@pytest.mark.parametrize("who", VISITORS)
def test_every_cell_is_as_the_table_says(walk: Walk, who: str) -> None:
    chosen = [cell for cell in asking(walk)[1] if cell.visitor.who == who][::EVERY]
    wrong, seen = walk_through(walk, chosen)
    print(f"\n{who}: {len(chosen):,} cells: {dict(seen)}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(chosen)}", *wrong[:40]])
    assert len(chosen) * EVERY > 200
    if who in ("member of the owner", "officer of the area"):
        assert seen["wrote"] * EVERY > 40, "so few posts wrote anything that refusals prove little"
        assert seen["shows something private"] * EVERY > 40, "so little private is shown that hiding proves little"


def test_the_walk_is_long_and_leaves_nobody_out(walk: Walk) -> None:
    every = asking(walk)[1]
    assert len(every) >= 5_000
    assert {cell.visitor.who for cell in every} == set(VISITORS)


def test_a_page_that_forgets_to_ask_whose_it_is_would_be_seen(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a loader that finds whatever it is asked for, the walk fails."""
    monkeypatch.setattr(guard, "within", lambda model, *_: model.id == model.id)
    monkeypatch.setattr(guard, "can", lambda *_: True)
    chosen = [cell for cell in asking(walk)[1] if cell.facts and cell.facts.name in ("match_id", "partnership_id")]
    wrong, _ = walk_through(walk, [cell for cell in chosen if cell.visitor.who == "officer elsewhere"])
    assert len(wrong) > 50


def test_every_column_of_words_is_open_or_private() -> None:
    """A new column must be placed in one of the lists, so that a private one gets its canary."""
    lists = (PRIVATE, NEVER_SHOWN, OF_ONE_PERSON, OPEN_WORDS)
    assert Counter(columns_of_words()) == sum(map(Counter, lists), Counter())
