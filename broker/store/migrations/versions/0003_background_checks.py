"""background checks"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('listing_version', sa.Column('background_check', sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column('listing_version', 'background_check')
