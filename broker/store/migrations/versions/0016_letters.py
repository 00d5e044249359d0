"""letters without an account: to the contact address of a group that nobody signs in for

Steps below cannot hold them, and leave them out.
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow(True)


def downgrade() -> None:
    op.execute('DELETE FROM outbox WHERE user_id IS NULL')
    _allow(False)


def _allow(nobody: bool) -> None:
    with op.batch_alter_table('outbox') as table:
        table.alter_column('user_id', existing_type=sa.Integer(), nullable=nobody)
