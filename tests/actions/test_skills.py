"""The worker finds the skills that open listings name, and writes only what is new or gone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event, update

from broker.actions import noticing
from broker.actions.skills import keep_skills
from broker.domain.kinds import PostingState, SupportKind
from broker.store.base import db
from broker.store.listings import Listing, Posting
from broker.store.skills import known_skills
from tests import make
from tests.town import Town


@pytest.fixture
def writes(town: Town) -> Iterator[list[str]]:
    """The statements that write."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, text: str, *_rest: object) -> None:
        if text.startswith(("INSERT", "DELETE", "UPDATE")):
            seen.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def notice() -> None:
    noticing.keep(noticing.look())


def test_what_a_listing_names_is_found_and_goes_with_it(town: Town) -> None:
    books = make.need(
        town.group,
        town.north,
        title="Help with bookkeeping",
        body="Gift aid, too: claim it for us.",
        support_kind=SupportKind.SKILLS,
    )
    jobs = make.offer(
        make.supplier(town.north), town.north, title="Two trainees in bookkeeping", body="Paid, for a year.",
        support_kind=SupportKind.JOBS,
    )  # fmt: skip
    laptops = make.need(town.group, town.north, title="Bookkeeping laptops", support_kind=SupportKind.GOODS)
    notice()
    found = known_skills()
    assert "bookkeeping" in found[books.id]
    assert "bookkeeping" in found[jobs.id]
    assert laptops.id not in found, "things are no skill"
    db.session.execute(update(Posting).where(Posting.listing_id == books.id).values(state=PostingState.PAUSED))
    notice()
    assert books.id not in known_skills()


def test_a_word_in_passing_is_no_skill(town: Town) -> None:
    facts = {"support_kind": SupportKind.SKILLS, "title": "Help for our hall"}
    once = make.need(town.group, town.north, body="The lady who does the bookkeeping has the key.", **facts)
    twice = make.need(town.group, town.north, body="Bookkeeping: a bookkeeper who can teach us.", **facts)
    notice()
    assert "bookkeeping" not in known_skills().get(once.id, frozenset())
    assert "bookkeeping" in known_skills()[twice.id]


def test_a_hint_and_a_group_of_people_are_no_skill(town: Town) -> None:
    need = make.need(
        town.group, town.north, title="Our books", body="For people with cancer.", support_kind=SupportKind.SKILLS
    )
    notice()
    assert not known_skills().get(need.id, frozenset()) & {"bookkeeping", "cancer"}


def test_only_what_differs_is_written(town: Town, writes: list[str]) -> None:
    needs: list[Listing] = [make.need(town.group, town.north) for _ in range(3)]
    keep_skills({needs[0].id: frozenset({"cooking", "law"}), needs[1].id: frozenset({"law"})})
    writes.clear()
    keep_skills({needs[0].id: frozenset({"cooking", "law"}), needs[1].id: frozenset({"law"})})
    assert writes == []
    keep_skills({needs[0].id: frozenset({"law", "art"}), needs[2].id: frozenset({"law"})})
    assert known_skills() == {needs[0].id: {"law", "art"}, needs[2].id: {"law"}}
    assert [text.split()[0] for text in writes] == ["DELETE", "INSERT"]


def test_a_phrase_that_says_many_things_says_each_of_them(town: Town) -> None:
    titles = {
        "A football coach on Saturdays": "sports coaches",
        "We need a treasurer": "a new treasurer",
        "Teaching English to newcomers": "English language",
    }
    made = {title: make.need(town.group, town.north, title=title, body="Help.", support_kind=None) for title in titles}
    crowd = make.need(
        town.group, town.north, title="Football for disabled people", support_kind=SupportKind.VOLUNTEERING
    )
    notice()
    found = known_skills()
    assert {title: skill in found.get(made[title].id, ()) for title, skill in titles.items()} == dict.fromkeys(
        titles, True
    )
    assert "disabled people" not in found.get(crowd.id, ()), "whom it is for is no skill"
