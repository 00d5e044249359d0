"""people's data: who is about to leave, whom to ask, and when two texts were tried"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'departure',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('asked_at', sa.DateTime(), nullable=True),
        sa.Column('warned_at', sa.DateTime(), nullable=True),
        sa.Column('warnings', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_departure_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_departure')),
        sa.UniqueConstraint('user_id', name=op.f('uq_departure_user_id')),
    )
    op.create_table(
        'contact_point',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('authority_id', sa.Integer(), nullable=True),
        sa.Column('controller', sa.String(200), nullable=False),
        sa.Column('email', sa.String(254), nullable=False),
        sa.Column('phone', sa.String(40), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('protection_email', sa.String(254), nullable=False),
        sa.Column('changed_at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['authority_id'], ['authority.id'], name=op.f('fk_contact_point_authority_id_authority')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_point')),
        sa.UniqueConstraint('authority_id', name=op.f('uq_contact_point_authority_id')),
    )
    with op.batch_alter_table('trial') as batch:
        batch.add_column(sa.Column('asked_at', sa.DateTime(), nullable=True))
    op.execute("UPDATE trial SET asked_at = CURRENT_TIMESTAMP")


def downgrade() -> None:
    with op.batch_alter_table('trial') as batch:
        batch.drop_column('asked_at')
    op.drop_table('contact_point')
    op.drop_table('departure')
