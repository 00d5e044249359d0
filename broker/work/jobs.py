"""Doing a job: the action behind its name, and how it ended.

A worker killed in the middle leaves its job to the next one (see claims): every action here may run twice.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import suppress

from sqlalchemy import select

from broker.actions import audit
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.audit import head
from broker.store.base import db, reading, writing
from broker.store.jobs import Job
from broker.store.weights import weights_in_use
from broker.work import claims, clearing
from broker.work import mail as letters_out

log = logging.getLogger(__name__)
LOOKS = 5  # how often a look is taken again where another worker was faster

Progress = Callable[[int, int], None]
Work = Callable[[int | None, Progress], None]


def suggest(_argument: int | None, progress: Progress) -> None:
    """Bring the stored suggestions up to date with the listings that changed."""
    _catch_up(progress)


def suggest_all(_argument: int | None, progress: Progress) -> None:
    """Weigh all words anew and compute every list from scratch."""
    _catch_up(progress, whole=True)


def check_lists(_argument: int | None, progress: Progress) -> None:
    """The nightly check: are the stored lists what the matcher would say? Then put right whatever is not.

    While listings keep changing there is no quiet moment to compare in, and the next sweep tries again.
    """
    from broker.actions import drifting

    _catch_up(progress)
    with reading():
        found = drifting.check(progress)
    if found is not None:
        drifting.note_check(found)
        claims.keep()
        _catch_up(progress, whole=True)
    _keep_reasons()


def _catch_up(progress: Progress, whole: bool = False) -> None:
    """The long look holds no lock. Where another worker was faster it is taken again."""
    from broker.actions import learning, suggesting

    learning.note_shipped(Actor(Role.SYSTEM))
    claims.keep()
    for _ in range(LOOKS):
        with reading():
            outlook = suggesting.look(progress, whole=whole)
        if outlook is None:
            return
        try:
            suggesting.keep(outlook)
        except suggesting.Overtaken:
            db.session.rollback()
        else:
            claims.keep()
            return
    raise RuntimeError("other workers kept writing suggestions")


def _keep_reasons() -> None:
    """Keep how pairs looked that a person put together, before their listings change."""
    from broker.actions import learning, weighing

    with reading():
        name, reasons = weights_in_use()[0], learning.missing_reasons(weighing.explained)
    learning.note_reasons(reasons, name)
    claims.keep()


def guess(argument: int | None, _progress: Progress) -> None:
    """Guess what a listing is about that waits for its first check. The look holds no lock."""
    from broker.actions import guesses, guessing

    if argument is None:
        return
    with reading():
        found = guessing.look(argument)
    if found is not None:
        guesses.note_guesses(argument, found)
        claims.keep()


def bring_in(argument: int | None, progress: Progress) -> None:
    """Read an uploaded file of listings into the market."""
    from broker.actions import imports

    if argument is not None:
        imports.run(argument, progress, claims.keep)


def plan(argument: int | None, progress: Progress) -> None:
    """Plan a whole market. The long look holds no lock."""
    from broker.actions import planning

    if argument is None:
        return
    with reading():
        drawn = planning.draw(argument, progress)
    if drawn is not None:
        planning.keep(drawn)
        claims.keep()


def try_texts(argument: int | None, _progress: Progress) -> None:
    """Say what the matcher sees in two texts that somebody tries. The look holds no lock."""
    from broker.actions import trials, trying

    if argument is None:
        return
    with reading():
        tried = trying.look(argument)
    if tried is not None:
        trials.note_answer(tried)
        claims.keep()


def place(_argument: int | None, _progress: Progress) -> None:
    """Find the wards of listings after boundaries were loaded. The long look holds no lock."""
    from broker.actions import places

    with reading():
        found = places.missing_places()
    places.keep_places(found)
    claims.keep()


def notice(_argument: int | None, progress: Progress) -> None:
    """Count who is seen, and find needs that are alike. The long look holds no lock."""
    from broker.actions import noticing

    with reading():
        noticed = noticing.look(progress)
    noticing.keep(noticed)
    claims.keep()


def mail(_argument: int | None, _progress: Progress) -> None:
    """Send the letters that wait."""
    letters_out.send_letters()


def check_record(_argument: int | None, _progress: Progress) -> None:
    """Every night: is the record as it was written? Where it ends goes into the log, out of a forger's reach."""
    with reading():
        found, end = audit.check_record(), head()
    audit.note_check(found)
    claims.keep()
    log.log(logging.INFO if found.is_sound else logging.CRITICAL, "the record ends at %s:%s; %s", *end, found.verdict)


KINDS: dict[str, Work] = {
    "suggest": suggest,
    "suggest_all": suggest_all,
    "check_lists": check_lists,
    "guess": guess,
    "import": bring_in,
    "plan": plan,
    "notice": notice,
    "place": place,
    "try": try_texts,
    "mail": mail,
    "check_record": check_record,
    "retain": clearing.retain,
    "tidy": clearing.tidy,
}
SHORT = frozenset({"try", "mail"})
"""Somebody waits for these, at a page or for the link in a letter: they are done between two steps of a longer job."""


def perform(job_id: int, watch: Progress | None = None) -> bool:
    """Do one job; False where somebody else is at it. `watch` is told how far it is, beside the job's row."""
    claim = claims.take(job_id)
    if claim is None:
        return False

    def report(done: int, total: int) -> None:
        with writing():
            claims.report(claim, done, total)
            if watch:
                watch(done, total)
            if claim.kind not in SHORT:
                for short in due(SHORT):
                    perform(short)

    with claims.held(claim):
        try:
            KINDS[claim.kind](claim.argument, report)
            claims.finish(claim)
        except claims.Lost:
            db.session.rollback()
            log.warning("job %s (%s) took too long and is another worker's now", job_id, claim.kind)
        except Exception as problem:
            db.session.rollback()
            log.exception("job %s (%s) failed", job_id, claim.kind)
            with suppress(claims.Lost):
                claims.put_back(claim, type(problem).__name__)
    return True


def due(kinds: Collection[str] | None = None) -> list[int]:
    """The jobs that nobody is at, of these kinds or all, the oldest first."""
    wanted = select(Job.id).where(claims.free()).order_by(Job.id)
    with reading():
        return list(db.session.scalars(wanted if kinds is None else wanted.where(Job.kind.in_(kinds))))


def work_off(watch: Progress | None = None) -> int:
    """Do everything that is due, then return how many jobs that was."""
    total = 0
    while done := sum(perform(job_id, watch) for job_id in due()):
        total += done
    return total
