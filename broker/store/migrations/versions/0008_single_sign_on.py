"""single sign-on"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'staff_identity',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('issuer', sa.String(500), nullable=False),
        sa.Column('subject', sa.String(255), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_staff_identity_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_identity')),
        sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_staff_identity_issuer_subject')),
        sa.UniqueConstraint('issuer', 'user_id', name=op.f('uq_staff_identity_issuer_user_id')),
    )
    with op.batch_alter_table('staff_identity') as batch:
        batch.create_index(op.f('ix_staff_identity_user_id'), ['user_id'])


def downgrade() -> None:
    op.drop_table('staff_identity')
