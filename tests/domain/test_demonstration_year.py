"""The invented city's year: drawn alike every time, within its partnerships, and with something of everything in it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from broker.actions.demonstration.papers import picture, signed_page
from broker.demonstration import City, load
from broker.demonstration.records import Course
from broker.demonstration.rhythm import Turn, turns
from broker.domain.files import Upload, kind_of
from broker.domain.kinds import Answer, Channel, FileKind, IdeaState
from broker.policy import load_all


@pytest.fixture(scope="module")
def city() -> City:
    return load()


@pytest.fixture(scope="module")
def units() -> dict[str, str]:
    return {measure.code: measure.unit_kind for measure in load_all().measures}


def drawn(city: City, course: Course) -> list[Turn]:
    return list(turns(course, city.year.sentences, whole=False))


def every(city: City) -> Iterator[tuple[Course, Turn]]:
    yield from ((course, turn) for course in city.year.courses for turn in drawn(city, course))


def test_it_is_a_year_of_some_hundred_deliveries(city: City) -> None:
    done = list(every(city))
    assert 300 <= len(done) <= 600
    assert max(turn.days_ago for _, turn in done) > 300
    assert len({turn.ward for _, turn in done}) >= 20
    assert len({course.measure for course, _ in done}) >= 10


def test_it_is_the_same_year_every_time(city: City) -> None:
    assert list(every(city)) == list(every(load()))


def test_nothing_is_done_before_its_partnership_or_after_it(city: City) -> None:
    for course, turn in every(city):
        assert turn.days_ago + turn.lasted <= -course.starts, course.match
        assert turn.days_ago >= max(1, -course.ends), course.match


def test_every_answer_and_every_way_of_giving_it_is_heard(city: City) -> None:
    said = [turn for _, turn in every(city)]
    assert {turn.answer for turn in said} == {None, *Answer}
    assert {turn.channel for turn in said} == set(Channel)
    stories = [turn for turn in said if turn.is_story]
    assert len(stories) > 50
    assert {turn.sentence for turn in stories} <= set(city.year.sentences[: len(city.year.sentences) // 2])
    assert all(turn.answer == Answer.YES for turn in stories), "a story is no complaint"


def test_most_is_settled_and_something_is_open(city: City) -> None:
    answers = Counter(turn.answer for _, turn in every(city))
    assert answers[Answer.YES] > 0.7 * answers.total()
    assert 5 <= answers[None] <= 40
    assert 5 <= answers[Answer.NOT_AT_ALL] <= 30


def test_things_that_are_counted_are_whole(city: City, units: dict[str, str]) -> None:
    for course in city.year.courses:
        whole = units[course.measure] == "count"
        for turn in turns(course, city.year.sentences, whole):
            amounts = (turn.quantity, turn.received) if whole else ()
            assert all(amount == int(amount) for amount in amounts), course.match
            assert turn.answer != Answer.LESS or turn.received > 0, "nothing at all is another answer"


def test_promises_hang_together(city: City, units: dict[str, str]) -> None:
    promises = {each.key: each for each in city.year.promises}
    people = {person.email: person.role for person in city.people}
    for each in promises.values():
        assert each.measure in units, each.key
        assert sum(step.quantity or 0 for step in each.milestones) <= each.quantity or each.per_pounds, each.key
        assert each.owner is None or people[each.owner] == "colleague", each.key
        assert each.per_pounds is None or each.contract, each.key
    for course in city.year.courses:
        if course.promise:
            assert promises[course.promise].measure == course.measure, course.match
            assert course.committed, course.match
    for contract in city.year.contracts:
        assert contract.starts < contract.ends, contract.key
        assert 0 < contract.spent <= contract.value, contract.key
        assert contract.manager is None or people[contract.manager] == "contract_manager", contract.key
    assert {contract.authority for contract in city.year.contracts} == {ward.authority for ward in city.wards}
    assert {idea.state for idea in city.year.ideas} == set(IdeaState)


def test_forty_hours_are_split(city: City) -> None:
    (course,) = [course for course in city.year.courses if course.split]
    first = drawn(city, course)[0]
    assert course.split is not None
    assert (first.quantity, first.answer, course.split.quantity) == (40, Answer.YES, 15)


def test_papers_are_what_they_say() -> None:
    page = Upload(signed_page(["Hours (signed) \\ by all"]), "hours.pdf", "application/pdf", "file")
    assert kind_of(page) is FileKind.PDF
    photo = Upload(picture("a"), "photo.png", "image/png", "photo")
    assert kind_of(photo) is FileKind.PNG
    assert picture("a") == picture("a") != picture("b")
