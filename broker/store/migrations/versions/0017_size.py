"""how many people work or volunteer for an organisation

The stored figures of who is seen go by other groups from here on; the worker works them out anew.
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organisation', sa.Column('size', sa.String(length=20), nullable=True))
    op.execute('DELETE FROM exposure_report')


def downgrade() -> None:
    op.execute('DELETE FROM exposure_report')
    with op.batch_alter_table('organisation') as table:
        table.drop_column('size')
