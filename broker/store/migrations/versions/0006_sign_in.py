"""signing in"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sign_ins()
    with op.batch_alter_table('user') as batch:
        batch.add_column(sa.Column('unconfirmed_since', sa.DateTime(), nullable=True))
        batch.add_column(sa.Column('switched_off_at', sa.DateTime(), nullable=True))
    with op.batch_alter_table('membership') as batch:
        batch.add_column(sa.Column('ended_at', sa.DateTime(), nullable=True))
    _links()
    _second_factors()
    op.create_table(
        'failed_try',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('door', sa.String(20), nullable=False),
        sa.Column('account', sa.String(64), nullable=False),
        sa.Column('place', sa.String(60), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_failed_try_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_try')),
    )
    with op.batch_alter_table('failed_try') as batch:
        batch.create_index('ix_failed_try_account', ['door', 'account', 'place', 'at'])
        batch.create_index('ix_failed_try_place', ['door', 'place', 'at'])
        batch.create_index('ix_failed_try_at', ['at'])


def _sign_ins() -> None:
    with op.batch_alter_table('sign_in') as batch:
        batch.add_column(sa.Column('way', sa.String(20), nullable=False, server_default='password'))
        batch.add_column(sa.Column('browser', sa.String(60), nullable=False, server_default=''))
        batch.add_column(sa.Column('place', sa.String(60), nullable=False, server_default=''))
        batch.add_column(sa.Column('last_seen_at', sa.DateTime(), nullable=True))
        batch.add_column(sa.Column('proved_at', sa.DateTime(), nullable=True))
        batch.add_column(sa.Column('awaits_code', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_index('ix_sign_in_membership_id', ['membership_id'])
    op.execute('UPDATE sign_in SET last_seen_at = created_at, proved_at = created_at')
    with op.batch_alter_table('sign_in') as batch:
        batch.alter_column('last_seen_at', existing_type=sa.DateTime(), nullable=False)
        batch.alter_column('proved_at', existing_type=sa.DateTime(), nullable=False)
        for name, length in (('way', 20), ('browser', 60), ('place', 60)):
            batch.alter_column(name, existing_type=sa.String(length), server_default=None)
        batch.alter_column('awaits_code', existing_type=sa.Boolean(), server_default=None)


def _links() -> None:
    with op.batch_alter_table('one_time_link') as batch:
        batch.add_column(sa.Column('purpose', sa.String(20), nullable=False, server_default='password'))
        batch.add_column(sa.Column('new_email', sa.String(254), nullable=True))
        batch.add_column(sa.Column('role', sa.String(20), nullable=True))
        batch.add_column(sa.Column('organisation_id', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('authority_id', sa.Integer(), nullable=True))
        for name in ('organisation', 'authority'):
            batch.create_foreign_key(op.f(f'fk_one_time_link_{name}_id_{name}'), name, [f'{name}_id'], ['id'])
    with op.batch_alter_table('one_time_link') as batch:
        batch.alter_column('purpose', existing_type=sa.String(20), server_default=None)


def _second_factors() -> None:
    op.create_table(
        'second_factor',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('secret', sa.Text(), nullable=True),
        sa.Column('waiting_secret', sa.Text(), nullable=True),
        sa.Column('last_step', sa.Integer(), nullable=False),
        sa.Column('set_up_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_second_factor_user_id_user')),
        sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_factor')),
    )
    op.create_table(
        'recovery_code',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('code_hash', sa.String(64), nullable=False),
        sa.Column('used_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recovery_code_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
        sa.UniqueConstraint('code_hash', name=op.f('uq_recovery_code_code_hash')),
    )
    with op.batch_alter_table('recovery_code') as batch:
        batch.create_index(op.f('ix_recovery_code_user_id'), ['user_id'])


def downgrade() -> None:
    for name in ('failed_try', 'recovery_code', 'second_factor'):
        op.drop_table(name)
    with op.batch_alter_table('one_time_link') as batch:
        for name in ('authority', 'organisation'):
            batch.drop_constraint(op.f(f'fk_one_time_link_{name}_id_{name}'), type_='foreignkey')
        for name in ('authority_id', 'organisation_id', 'role', 'new_email', 'purpose'):
            batch.drop_column(name)
    with op.batch_alter_table('membership') as batch:
        batch.drop_column('ended_at')
    with op.batch_alter_table('user') as batch:
        batch.drop_column('switched_off_at')
        batch.drop_column('unconfirmed_since')
    with op.batch_alter_table('sign_in') as batch:
        batch.drop_index('ix_sign_in_membership_id')
        for name in ('awaits_code', 'proved_at', 'last_seen_at', 'place', 'browser', 'way'):
            batch.drop_column(name)
