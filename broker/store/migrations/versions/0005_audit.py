"""the audit chain"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

START = '0' * 64
KEYS = {'event': 'id', 'event_link': 'seq', 'event_head': 'id'}
FORWARD = 'WHEN (NEW.seq <= OLD.seq OR NEW.id <> OLD.id)'
REFUSAL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN RAISE EXCEPTION ''the record is only ever added to'' USING ERRCODE = ''integrity_constraint_violation''; END'
"""


def upgrade() -> None:
    with op.batch_alter_table('event') as batch:
        batch.add_column(sa.Column('changes', sa.JSON(), server_default='{}', nullable=False))
        batch.add_column(sa.Column('request_id', sa.String(64), nullable=True))
    with op.batch_alter_table('event') as batch:
        batch.alter_column('changes', existing_type=sa.JSON(), existing_nullable=False, server_default=None)
    link = op.create_table(
        'event_link',
        sa.Column('seq', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('previous', sa.String(64), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_link_event_id_event')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_event_link')),
        sa.UniqueConstraint('event_id', name=op.f('uq_event_link_event_id')),
    )
    head = op.create_table(
        'event_head',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_event_head')),
    )
    seq, last = _chain(link)
    op.execute(head.insert().values(id=1, seq=seq, hash=last))
    _guard()


def downgrade() -> None:
    for table in reversed(KEYS):
        for verb in ('UPDATE', 'DELETE', 'INSERT') if _is_sqlite() else ('UPDATE', 'DELETE', 'TRUNCATE'):
            op.execute(f'DROP TRIGGER {table}_{verb}' + ('' if _is_sqlite() else f' ON {table}'))
    if not _is_sqlite():
        op.execute('DROP FUNCTION refuse_change()')
    op.drop_table('event_head')
    op.drop_table('event_link')
    with op.batch_alter_table('event') as batch:
        batch.drop_column('request_id')
        batch.drop_column('changes')


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == 'sqlite'


def _chain(link: sa.Table) -> tuple[int, str]:
    """What has happened so far becomes the beginning of the chain, in the order in which it was written down."""
    names = ('at', 'actor_id', 'role', 'action', 'subject', 'subject_id', 'from_state', 'to_state')
    event = sa.table('event', sa.column('id'), *map(sa.column, names), sa.column('fields'), sa.column('changes'))
    told = sa.select(
        event.c.id, *(event.c[name] for name in names), sa.cast(event.c.fields, sa.Text), sa.cast(event.c.changes, sa.Text)
    )
    seq, last, after = 0, START, 0
    while rows := op.get_bind().execute(told.where(event.c.id > after).order_by(event.c.id).limit(2000)).all():
        linked = []
        for seq, row in enumerate(rows, seq + 1):
            facts = {**dict(zip(('id', *names, 'fields', 'changes'), row, strict=True)), 'seq': seq, 'request_id': None}
            if not isinstance(facts['at'], str):
                facts['at'] = facts['at'].strftime('%Y-%m-%d %H:%M:%S.%f')
            spelled = json.dumps(facts, sort_keys=True, separators=(',', ':')) + last
            linked.append({'seq': seq, 'event_id': row[0], 'previous': last})
            last = linked[-1]['hash'] = hashlib.sha256(spelled.encode()).hexdigest()
        op.bulk_insert(link, linked)
        after = rows[-1][0]
    return seq, last


def _guard() -> None:
    if not _is_sqlite():
        op.execute(REFUSAL)
    for table, key in KEYS.items():
        forward = FORWARD if table == 'event_head' else ''
        if _is_sqlite():
            taken = f'WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})'
            for verb, when in (('UPDATE', forward), ('DELETE', ''), ('INSERT', taken)):
                op.execute(
                    f'CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} {when}'
                    " BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END"
                )
        else:
            for verb, each, when in (('UPDATE', 'ROW', forward), ('DELETE', 'ROW', ''), ('TRUNCATE', 'STATEMENT', '')):
                op.execute(
                    f'CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} FOR EACH {each} {when}'
                    ' EXECUTE FUNCTION refuse_change()'
                )
