"""What was delivered on which day, and what the groups said of it: drawn from a course by a fixed seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from broker.demonstration.records import Course

ANSWERED_BY = 14  # days after which silence is taken for none
SECOND_LOOK = 25  # days after which an officer has looked at nearly all that needs a second person
SETTLED = 120  # days after which next to nothing is open any more
YES, LESS, MORE, NOT_AT_ALL = "yes", "less", "more", "not_at_all"


@dataclass(frozen=True, slots=True)
class Turn:
    """One delivery. Days are counted back from today.

    `answer` is None where the group has not said anything; `seen`: an officer has looked at it, where one has to;
    `withdrawn`: the giver took it back.
    """

    days_ago: int
    lasted: int
    quantity: float
    ward: str
    answer: str | None
    received: float
    sentence: str
    is_story: bool
    channel: str
    seen: bool
    withdrawn: bool


def turns(course: Course, sentences: Sequence[str], whole: bool) -> Iterator[Turn]:
    """Everything that was delivered so far in a course. `whole`: its measure has no halves."""
    chance = Random(course.match)  # noqa: S311 - the same city every time
    day, last = -course.starts - 2, max(1, -course.ends)
    first = True
    while day >= last:
        quantity = float(course.split.delivered) if first and course.split else chance.choice(course.sizes)
        yield _turn(course, chance, sentences, day, quantity, whole, sure=first)
        day -= course.every + chance.randint(-1, 1)
        first = False


def _turn(
    course: Course, chance: Random, sentences: Sequence[str], day: int, quantity: float, whole: bool, *, sure: bool
) -> Turn:
    drawn = YES if sure else _answer(chance, day)
    answer = YES if drawn == LESS and not _received(LESS, quantity, whole) else drawn  # of one session there is no less
    silent = answer is None and day > ANSWERED_BY
    number = chance.randrange(len(sentences))
    says = answer is not None and chance.random() < 0.7
    return Turn(
        days_ago=day,
        lasted=chance.choice((0, 0, 0, 1)) if day < -course.starts - 1 else 0,
        quantity=quantity,
        ward=chance.choice(course.wards),
        answer=answer,
        received=_received(answer, quantity, whole),
        sentence=sentences[number] if says else "",
        is_story=says and drawn == YES and number < len(sentences) // 2 and chance.random() < 0.7,
        channel=chance.choice(("link", "link", "page", "phone")),
        seen=sure or day > SETTLED or (day > SECOND_LOOK and chance.random() < 0.85),
        withdrawn=(silent and chance.random() < 0.2) or (answer == NOT_AT_ALL and day > SETTLED),
    )


def _answer(chance: Random, day: int) -> str | None:
    """Nearly all groups answer, and nearly all of them say yes; of the last days some have yet to."""
    silence = 0.55 if day <= ANSWERED_BY else 0.1 if day <= SETTLED else 0.005
    if chance.random() < silence:
        return None
    return chance.choices((YES, LESS, MORE, NOT_AT_ALL), weights=(80, 11, 4, 5))[0]


def _received(answer: str | None, quantity: float, whole: bool) -> float:
    if answer == LESS:
        part = quantity * 0.75
        return float(int(part)) if whole else round(part, 2)
    return {YES: quantity, MORE: quantity + 1}.get(answer or "", 0.0)
