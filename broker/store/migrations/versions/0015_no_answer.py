"""no answer: of a side that was asked how it went, and did not say

It has neither a score nor a way in which it came. Steps below cannot hold it, and leave it out.
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

CHECKS = {
    'ck_feedback_score_in_range': 'score BETWEEN 1 AND 5',
    'ck_feedback_said_somehow': '(score IS NULL) = (channel IS NULL)',
}


def upgrade() -> None:
    _allow(True, *CHECKS)


def downgrade() -> None:
    op.execute('DELETE FROM feedback WHERE score IS NULL')
    _allow(False, 'ck_feedback_score_in_range')


def _allow(nothing: bool, *held: str) -> None:
    """SQLite builds the table anew, and knows no more of its checks than it is told."""
    anew = op.get_bind().dialect.name == 'sqlite'
    told = [sa.CheckConstraint(CHECKS[name], name=op.f(name)) for name in held] if anew else []
    with op.batch_alter_table('feedback', table_args=told) as table:
        table.alter_column('score', existing_type=sa.Integer(), nullable=nothing)
        table.alter_column('channel', existing_type=sa.String(20), nullable=nothing)
    if not anew and nothing:
        op.create_check_constraint(op.f('ck_feedback_said_somehow'), 'feedback', CHECKS['ck_feedback_said_somehow'])
    elif not anew:
        op.drop_constraint(op.f('ck_feedback_said_somehow'), 'feedback')
