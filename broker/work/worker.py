"""The worker process: does the jobs that are due, and each minute lets time pass."""

import logging
from collections.abc import Callable

from flask import Flask
from sqlalchemy.exc import IntegrityError

from broker.actions import (
    audit,
    deliveries,
    drifting,
    fairness,
    listings,
    mail,
    matches,
    noticing,
    partnerships,
    reminders,
    retention,
    submissions,
    suggesting,
)
from broker.actions.jobs import owe, take_turn
from broker.domain.clock import now, today
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.base import db, reading, set_reading
from broker.work import jobs, queue

TIME = Actor(Role.SYSTEM)
SEEN = "worker_seen"  # the fact that says in which minute a worker was last alive
log = logging.getLogger(__name__)


def let_time_pass() -> None:
    """Listings, matches without an answer and boosts run out, reviews fall due, silence about what was delivered is
    one, and the night's and the day's work is owed.
    """
    for deed in (
        listings.lapse_listings,
        matches.lapse_matches,
        fairness.lapse_boosts,
        partnerships.call_reviews,
        deliveries.lapse_deliveries,
    ):
        deed(TIME, today())
        db.session.commit()
    drifting.owe_check()
    audit.owe_check()
    submissions.forget_submissions(now())
    retention.owe_clearing()
    noticing.owe_notice()
    reminders.remind(now())
    mail.owe_due(now())
    db.session.commit()
    jobs.work_off()


def each_minute() -> None:
    """Let time pass, unless another worker does for this minute."""
    try:
        mine = take_turn(SEEN, now().replace(second=0).isoformat())
        db.session.commit()
    except IntegrityError:  # the very first turn of all, and another worker was quicker
        db.session.rollback()
        return
    if mine:
        let_time_pass()


def warm_up() -> None:
    """Read the market into memory before the first change comes. If that fails, the first change will do it.

    After an upgrade everything is suggested anew at once.
    """
    try:
        with reading():
            is_up_to_date = suggesting.warm()
        if not is_up_to_date:
            owe("suggest")
            db.session.commit()
    except Exception:
        log.exception("the market could not be read at the start")
    finally:
        db.session.rollback()


def run(app: Flask) -> None:
    """Work until told to stop (SIGINT or SIGTERM); at SIGINT the job in hand is finished first."""

    def inside(deed: Callable[[], object]) -> Callable[[], object]:
        def done() -> object:
            set_reading(False)
            with app.app_context():
                return deed()

        return done

    inside(warm_up)()
    log.info("the worker is ready")
    queue.consumer(inside(jobs.due), inside(jobs.work_off), inside(each_minute)).run()
