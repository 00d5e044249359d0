"""the skills that open listings name, as the worker found them"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'listing_skill',
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('skill', sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_listing_skill_listing_id_listing')),
        sa.PrimaryKeyConstraint('listing_id', 'skill', name=op.f('pk_listing_skill')),
    )
    op.create_index(op.f('ix_listing_skill_skill'), 'listing_skill', ['skill'])


def downgrade() -> None:
    op.drop_table('listing_skill')
