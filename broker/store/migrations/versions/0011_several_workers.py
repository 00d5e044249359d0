"""several workers: at most one job of a kind runs, however many of it wait"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.drop_index('uq_job_waiting', 'job')
    op.execute("UPDATE job SET state = 'waiting', lease_until = NULL WHERE state = 'running'")
    op.create_index('uq_job_running', 'job', ['dedupe'], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING)


def downgrade() -> None:
    op.drop_index('uq_job_running', 'job')
    op.execute(
        "DELETE FROM job WHERE state = 'waiting' AND id > "
        "(SELECT min(first.id) FROM job AS first WHERE first.dedupe = job.dedupe AND first.state = 'waiting')"
    )
    op.create_index('uq_job_waiting', 'job', ['dedupe'], unique=True, sqlite_where=WAITING, postgresql_where=WAITING)
