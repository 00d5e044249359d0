"""one membership: a person acts as the same thing once at a time, which the old index could not hold

One of its columns was always empty, and empty values count as different.
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

LIVE = sa.text("ended_at IS NULL")
ADMINISTERS = sa.text("ended_at IS NULL AND role = 'administrator'")
DOUBLES = """
UPDATE membership SET ended_at = created_at WHERE ended_at IS NULL AND EXISTS (
    SELECT 1 FROM membership AS earlier
    WHERE earlier.user_id = membership.user_id AND earlier.role = membership.role
    AND COALESCE(earlier.organisation_id, 0) = COALESCE(membership.organisation_id, 0)
    AND COALESCE(earlier.authority_id, 0) = COALESCE(membership.authority_id, 0)
    AND earlier.ended_at IS NULL AND earlier.id < membership.id
)
"""


def upgrade() -> None:
    op.execute(DOUBLES)
    op.drop_index('uq_membership_place', 'membership')
    for name, columns, which in (
        ('uq_membership_organisation', ['user_id', 'organisation_id'], LIVE),
        ('uq_membership_authority', ['user_id', 'authority_id'], LIVE),
        ('uq_membership_administrator', ['user_id'], ADMINISTERS),
    ):
        op.create_index(name, 'membership', columns, unique=True, sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    for name in ('uq_membership_administrator', 'uq_membership_authority', 'uq_membership_organisation'):
        op.drop_index(name, 'membership')
    op.create_index(
        'uq_membership_place', 'membership', ['user_id', 'role', 'organisation_id', 'authority_id'], unique=True
    )
