"""Doing a job: claim its row for a while, run the action behind its name, write down how it ended.

A worker killed in the middle leaves a lease that runs out, and the sweep hands the job to the next one: every
action here may run twice.
"""

import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError

from broker.domain.clock import now
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.base import db, reading
from broker.store.jobs import Job
from broker.store.weights import weights_in_use

LEASE = timedelta(minutes=5)
TRIES = 5
log = logging.getLogger(__name__)

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
        db.session.commit()
        _catch_up(progress, whole=True)
    _keep_reasons()


def _catch_up(progress: Progress, whole: bool = False) -> None:
    """The long look holds no lock. Where another worker was faster it is taken again."""
    from broker.actions import learning, suggesting

    learning.note_shipped(Actor(Role.SYSTEM))
    db.session.commit()
    for _ in range(TRIES):
        with reading():
            outlook = suggesting.look(progress, whole=whole)
        if outlook is None:
            return
        try:
            suggesting.keep(outlook)
        except suggesting.Overtaken:
            db.session.rollback()
        else:
            db.session.commit()
            return
    raise RuntimeError("other workers kept writing suggestions")


def _keep_reasons() -> None:
    """Keep how pairs looked that a person put together, before their listings change."""
    from broker.actions import learning, weighing

    with reading():
        name, reasons = weights_in_use()[0], learning.missing_reasons(weighing.explained)
    learning.note_reasons(reasons, name)
    db.session.commit()


def guess(argument: int | None, _progress: Progress) -> None:
    """Guess what a listing is about that waits for its first check. The look holds no lock."""
    from broker.actions import guesses, guessing

    if argument is None:
        return
    with reading():
        found = guessing.look(argument)
    if found is not None:
        guesses.note_guesses(argument, found)
        db.session.commit()


def bring_in(argument: int | None, progress: Progress) -> None:
    """Read an uploaded file of listings into the market."""
    from broker.actions import imports

    if argument is not None:
        imports.run(argument, progress, db.session.commit)


def plan(argument: int | None, progress: Progress) -> None:
    """Plan a whole market. The long look holds no lock."""
    from broker.actions import planning

    if argument is None:
        return
    with reading():
        drawn = planning.draw(argument, progress)
    if drawn is not None:
        planning.keep(drawn)
        db.session.commit()


def try_texts(argument: int | None, _progress: Progress) -> None:
    """Say what the matcher sees in two texts that somebody tries. The look holds no lock."""
    from broker.actions import trials, trying

    if argument is None:
        return
    with reading():
        tried = trying.look(argument)
    if tried is not None:
        trials.note_answer(tried)
        db.session.commit()


def notice(_argument: int | None, progress: Progress) -> None:
    """Count who is seen, and find needs that are alike. The long look holds no lock."""
    from broker.actions import noticing

    with reading():
        noticed = noticing.look(progress)
    noticing.keep(noticed)
    db.session.commit()


def mail(_argument: int | None, _progress: Progress) -> None:
    """Send the letters that wait."""


KINDS: dict[str, Work] = {
    "suggest": suggest,
    "suggest_all": suggest_all,
    "check_lists": check_lists,
    "guess": guess,
    "import": bring_in,
    "plan": plan,
    "notice": notice,
    "try": try_texts,
    "mail": mail,
}
SHORT = frozenset({"try"})
"""Somebody waits at a page for these: they are done between two steps of a longer job."""


def perform(job_id: int, watch: Progress | None = None) -> None:
    """Do one job, if nobody else is at it. `watch` is told how far it is, beside the job's row."""
    kind, argument = _claim(job_id) or (None, None)
    if kind is None:
        return

    def report(done: int, total: int) -> None:
        _report(job_id, done, total)
        if watch:
            watch(done, total)
        if kind not in SHORT:
            for short in due(SHORT):
                perform(short)

    try:
        KINDS[kind](argument, report)
    except Exception as problem:
        db.session.rollback()
        log.exception("job %s (%s) failed", job_id, kind)
        _put_back(job_id, type(problem).__name__)
    else:
        _set(job_id, state="done", finished_at=now(), lease_until=None, error=None)


def due(kinds: Collection[str] | None = None) -> list[int]:
    """The jobs that nobody is at: waiting (and not told to wait longer), or left behind by a worker that died. Of these
    kinds, or all.
    """
    at = now()
    free = or_(Job.lease_until.is_(None), Job.lease_until < at)
    wanted = select(Job.id).where(Job.state.in_(["waiting", "running"]), free).order_by(Job.id)
    with reading():
        return list(db.session.scalars(wanted if kinds is None else wanted.where(Job.kind.in_(kinds))))


def work_off(watch: Progress | None = None) -> int:
    """Do everything that is due, then return how many jobs that was."""
    done = 0
    while ids := due():
        for job_id in ids:
            perform(job_id, watch)
        done += len(ids)
    return done


def _claim(job_id: int) -> tuple[str, int | None] | None:
    """Take the job for the length of a lease: its kind and argument, or None when somebody else has it."""
    at = now()
    free = or_(Job.lease_until.is_(None), Job.lease_until < at)
    taken = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(["waiting", "running"]), free)
        .values(state="running", attempts=Job.attempts + 1, lease_until=at + LEASE)
        .returning(Job.kind, Job.argument)
    ).one_or_none()
    db.session.commit()
    return (taken.kind, taken.argument) if taken else None


def _report(job_id: int, done: int, total: int) -> None:
    """Show how far a job is and renew its lease. Called only while the job holds no transaction of its own."""
    db.session.rollback()
    _set(job_id, done=done, total=total, lease_until=now() + LEASE)


def _put_back(job_id: int, error: str) -> None:
    """After a failure: try again later, a little later each time, and give up in the end."""
    attempts = db.session.scalar(select(Job.attempts).where(Job.id == job_id)) or 0
    if attempts >= TRIES:
        _set(job_id, state="failed", error=error, finished_at=now(), lease_until=None)
        return
    try:
        _set(job_id, state="waiting", error=error, lease_until=now() + timedelta(minutes=attempts))
    except IntegrityError:  # a newer one of the same kind waits already and will do the same work
        db.session.rollback()
        _set(job_id, state="failed", error=error, finished_at=now(), lease_until=None)


def _set(job_id: int, **facts: object) -> None:
    db.session.execute(update(Job).where(Job.id == job_id).values(**facts))
    db.session.commit()
