"""Guesses about a listing: taken anew by the computer, kept as people decided, and felt by the matcher."""

import pytest
from sqlalchemy import select

from broker.actions import guessing
from broker.actions.guesses import agree_guess, note_guesses, note_guesses_of_each, refuse_guess
from broker.domain.kinds import GuessKind, GuessState, PostingState, Role
from broker.domain.permissions import Action, Actor
from broker.domain.refusals import NotAllowed, WrongState
from broker.matching.records import Guess
from broker.store.base import db
from broker.store.events import events_of
from broker.store.frameworks import Framework, Node, NodeMapping
from broker.store.guesses import (
    ListingGuess,
    agreed_kinds,
    agreed_themes,
    guesses_of,
    guesses_of_each,
    refused_guesses,
)
from broker.store.jobs import Job
from broker.store.listings import Listing
from broker.work import jobs
from tests import make
from tests.town import Town, opened, post

ONLINE = Guess("theme", "H09", ("laptops", "online"))
SCHOOL = Guess("theme", "H04", ("homework",))
GOODS = Guess("kind", "goods", ("laptops",))


def noted(listing: Listing, *guesses: Guess) -> dict[str, ListingGuess]:
    note_guesses(listing.id, guesses)
    db.session.expire(listing)
    return {guess.value: guess for guess in guesses_of(listing)}


def test_guesses_follow_the_text_and_decisions_stay(town: Town) -> None:
    listing = opened(town)
    first = noted(listing, ONLINE, SCHOOL, GOODS)
    assert list(first) == ["goods", "H04", "H09"]
    assert first["H09"].cues == ["laptops", "online"]
    agree_guess(first["H09"], town.member)
    refuse_guess(first["goods"], town.officer)
    second = noted(listing, Guess("theme", "H09", ("wifi",)), Guess("theme", "H10", ("lonely",)))
    assert {value: guess.state for value, guess in second.items()} == {
        "H09": GuessState.AGREED, "H10": GuessState.GUESSED, "goods": GuessState.REFUSED,
    }  # fmt: skip
    assert second["H09"].cues == ["wifi"]


def test_noting_the_same_again_writes_nothing(town: Town) -> None:
    listing = opened(town)
    before = noted(listing, ONLINE)["H09"]
    assert noted(listing, ONLINE)["H09"] is before
    assert not db.session.dirty


def test_many_listings_are_noted_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.actions.guesses.BATCH", 2)
    listings = [opened(town, title=f"Laptops {n}") for n in range(3)]
    note_guesses_of_each({listing.id: [ONLINE] for listing in listings})
    note_guesses_of_each({listings[0].id: []})
    assert set(guesses_of_each(listing.id for listing in listings)) == {listing.id for listing in listings[1:]}


def test_a_correction_reaches_the_matcher(town: Town) -> None:
    listing = opened(town)
    guesses = noted(listing, ONLINE, SCHOOL, GOODS)
    listing.suggest_at = None
    db.session.execute(Job.__table__.delete())
    refuse_guess(guesses["H04"], town.member)
    assert refused_guesses() == {listing.id: frozenset({"H04"})}
    assert listing.suggest_at is not None
    assert db.session.scalars(select(Job.kind)).all() == ["suggest"]
    agree_guess(guesses["H09"], town.member)
    agree_guess(guesses["goods"], town.member)
    assert agreed_themes() == {listing.id: frozenset({"H09"})}
    assert agreed_kinds() == {listing.id: frozenset({"goods"})}
    assert [event.action for event in events_of("listing_guess", guesses["H04"].id)] == [Action.REFUSE_GUESS]


def test_what_waits_for_its_first_check_is_guessed_for_the_officer(town: Town) -> None:
    listing = post(town)
    db.session.commit()
    jobs.work_off()
    db.session.expire_all()
    found = {guess.value: guess for guess in guesses_of(listing)}
    assert "laptops" in [cue for guess in found.values() for cue in guess.cues]
    assert all(guess.what == GuessKind.THEME for guess in found.values()), "its kind of support is stated"
    refuse_guess(next(iter(found.values())), town.officer)
    assert next(iter(found)) not in [guess.value for guess in guessing.look(listing.id) or ()]


def test_a_kind_is_guessed_where_none_is_stated_and_an_outcome_where_no_priority_says_it(town: Town) -> None:
    node = Node(code="N1", kind="theme", label="Everyone online")
    node.mappings = [NodeMapping(hub_code="H09", relation="exact", confidence=1.0)]
    frame = Framework(code="F1", version=1, name="F", level="local", status="current", wording="confirmed")
    frame.nodes = [node]
    db.session.add(frame)
    db.session.flush()
    submitted = PostingState.SUBMITTED
    plain = make.aspiration(town.group, town.north, state=submitted, support_kind=None)
    tagged = make.aspiration(town.group, town.north, state=submitted, priorities=[node])
    assert ("kind", "goods") in [(guess.what, guess.value) for guess in guessing.look(plain.id) or ()]
    assert "H09" in [guess.value for guess in guessing.look(plain.id) or ()]
    assert "H09" not in [guess.value for guess in guessing.look(tagged.id) or ()]


def test_what_nobody_checks_or_everybody_reads_is_not_guessed_so(town: Town) -> None:
    assert guessing.look(post(town, send=False).id) is None
    assert guessing.look(opened(town, title="Something else").id) is None
    assert guessing.look(987) is None


def test_one_may_think_again_but_not_say_it_twice(town: Town) -> None:
    guess = noted(opened(town), ONLINE)["H09"]
    refuse_guess(guess, town.member)
    agree_guess(guess, town.officer)
    assert refused_guesses() == {}
    with pytest.raises(WrongState):
        agree_guess(guess, town.member)


def test_only_its_people_and_their_officers_decide(town: Town) -> None:
    guess = noted(opened(town), ONLINE)["H09"]
    stranger = Actor(Role.MEMBER, town.member.user_id, organisation_id=987)
    administrator = Actor(Role.ADMINISTRATOR, town.member.user_id)
    for by in (stranger, town.other_officer, administrator):
        with pytest.raises(NotAllowed):
            agree_guess(guess, by)
        with pytest.raises(NotAllowed):
            refuse_guess(guess, by)
    assert guess.state == GuessState.GUESSED
