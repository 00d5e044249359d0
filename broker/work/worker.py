"""The worker process: waits for jobs, and each minute sweeps up what was missed and lets time pass."""

from collections.abc import Callable

from flask import Flask

from broker.actions import listings, matches, partnerships
from broker.domain.clock import today
from broker.domain.kinds import Role
from broker.domain.permissions import Actor
from broker.store.base import db, set_reading
from broker.work import jobs, queue

TIME = Actor(Role.SYSTEM)


def let_time_pass() -> None:
    """Listings and unanswered matches run out, and reviews fall due."""
    for deed in (listings.lapse_listings, matches.lapse_matches, partnerships.call_reviews):
        deed(TIME, today())
        db.session.commit()
    jobs.work_off()


def run(app: Flask) -> None:
    """Work until told to stop (SIGINT or SIGTERM); the job in hand is finished first."""

    def inside(deed: Callable[[], object]) -> Callable[..., None]:
        def done(*_job_id: int) -> None:
            set_reading(False)
            with app.app_context():
                deed()

        return done

    consumer = queue.receive(app.instance_path, inside(jobs.work_off), inside(let_time_pass)).create_consumer(
        workers=1, initial_delay=0.1, max_delay=1.0
    )
    consumer.run()
