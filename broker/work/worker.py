"""The worker process: waits for jobs, and each minute sweeps up what was missed and lets time pass."""

import logging
from collections.abc import Callable

from flask import Flask

from broker.actions import drifting, fairness, listings, matches, noticing, partnerships, suggesting
from broker.actions.jobs import owe
from broker.domain.clock import today
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.base import db, reading, set_reading
from broker.work import jobs, queue

TIME = Actor(Role.SYSTEM)
LONGEST_WAIT = 0.2  # seconds until a quiet worker looks again whether somebody wants something
log = logging.getLogger(__name__)


def let_time_pass() -> None:
    """Listings, unanswered matches and boosts run out, reviews fall due, and the night's and the day's work is owed."""
    for deed in (listings.lapse_listings, matches.lapse_matches, fairness.lapse_boosts, partnerships.call_reviews):
        deed(TIME, today())
        db.session.commit()
    drifting.owe_check()
    noticing.owe_notice()
    db.session.commit()
    jobs.work_off()


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
    """Work until told to stop (SIGINT or SIGTERM); the job in hand is finished first."""

    def inside(deed: Callable[[], object]) -> Callable[..., None]:
        def done(*_job_id: int) -> None:
            set_reading(False)
            with app.app_context():
                deed()

        return done

    inside(warm_up)()
    consumer = queue.receive(app.instance_path, inside(jobs.work_off), inside(let_time_pass)).create_consumer(
        workers=1, initial_delay=0.05, max_delay=LONGEST_WAIT
    )
    consumer.run()
