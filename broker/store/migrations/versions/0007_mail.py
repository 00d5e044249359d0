"""mail that waits to be sent"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'outbox',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(40), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('subject', sa.String(40), nullable=True),
        sa.Column('subject_id', sa.Integer(), nullable=True),
        sa.Column('token', sa.Text(), nullable=True),
        sa.Column('address', sa.String(254), nullable=True),
        sa.Column('once', sa.String(120), nullable=True),
        sa.Column('message_id', sa.String(120), nullable=False),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('error', sa.String(80), nullable=True),
        sa.Column('lease_until', sa.DateTime(), nullable=True),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('sent_at', sa.DateTime(), nullable=True),
        sa.Column('forgotten_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_outbox_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
        sa.UniqueConstraint('message_id', name=op.f('uq_outbox_message_id')),
        sa.UniqueConstraint('once', name=op.f('uq_outbox_once')),
    )
    with op.batch_alter_table('outbox') as batch:
        batch.create_index('ix_outbox_state', ['state'])
        batch.create_index('ix_outbox_user_id', ['user_id'])
    op.create_table(
        'mail_refusal',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('topic', sa.String(20), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_mail_refusal_user_id_user')),
        sa.PrimaryKeyConstraint('user_id', 'topic', name=op.f('pk_mail_refusal')),
    )


def downgrade() -> None:
    op.drop_table('mail_refusal')
    op.drop_table('outbox')
