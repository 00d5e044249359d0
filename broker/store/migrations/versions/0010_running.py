"""running it"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'submission',
        sa.Column('key_hash', sa.String(64), nullable=False),
        sa.Column('place', sa.Text(), nullable=True),
        sa.Column('sent_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_submission')),
    )


def downgrade() -> None:
    op.drop_table('submission')
