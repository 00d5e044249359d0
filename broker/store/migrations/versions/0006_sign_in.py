"""signing in"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('sign_in') as batch:
        batch.add_column(sa.Column('way', sa.String(20), nullable=False, server_default='password'))
        batch.add_column(sa.Column('browser', sa.String(60), nullable=False, server_default=''))
        batch.add_column(sa.Column('place', sa.String(60), nullable=False, server_default=''))
        batch.add_column(sa.Column('last_seen_at', sa.DateTime(), nullable=True))
        batch.add_column(sa.Column('proved_at', sa.DateTime(), nullable=True))
        batch.create_index('ix_sign_in_membership_id', ['membership_id'])
    op.execute('UPDATE sign_in SET last_seen_at = created_at, proved_at = created_at')
    with op.batch_alter_table('sign_in') as batch:
        batch.alter_column('last_seen_at', existing_type=sa.DateTime(), nullable=False)
        batch.alter_column('proved_at', existing_type=sa.DateTime(), nullable=False)
        for name, length in (('way', 20), ('browser', 60), ('place', 60)):
            batch.alter_column(name, existing_type=sa.String(length), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('sign_in') as batch:
        batch.drop_index('ix_sign_in_membership_id')
        for name in ('proved_at', 'last_seen_at', 'place', 'browser', 'way'):
            batch.drop_column(name)
