"""a promise that is served stays what it is: open, of its maker, and counted as it was"""

from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

FITS = """
SELECT 1 FROM delivery
JOIN measure AS done ON done.id = delivery.measure_id
JOIN commitment ON commitment.id = NEW.commitment_id AND commitment.organisation_id = delivery.organisation_id {open}
JOIN measure AS meant ON meant.id = commitment.measure_id
WHERE delivery.id = NEW.delivery_id AND delivery.nature = 'additional' AND delivery.state = 'verified'
AND COALESCE(done.stands_for_id, done.id) = COALESCE(meant.stands_for_id, meant.id)
AND NEW.quantity + COALESCE((
    SELECT SUM(other.quantity) FROM claim AS other
    WHERE other.delivery_id = NEW.delivery_id AND other.state = 'standing' AND other.id <> NEW.id
), 0) <= delivery.verified
"""
OPEN = "AND commitment.state = 'open'"
ROOT = '(SELECT COALESCE(stands_for_id, id) FROM measure WHERE id = {row}.measure_id)'
LETS_GO = (
    "(NEW.organisation_id <> OLD.organisation_id OR NEW.state <> 'open'"
    f' OR {ROOT.format(row="NEW")} <> {ROOT.format(row="OLD")})'
    " AND EXISTS (SELECT 1 FROM claim WHERE claim.commitment_id = NEW.id AND claim.state = 'standing')"
)
TOO_MUCH = 'more is claimed than is verified'
STANDS = 'something stands against this promise'
LOCK = 'PERFORM 1 FROM delivery WHERE id = NEW.delivery_id FOR UPDATE;'
LOCK_PROMISE = ' PERFORM 1 FROM commitment WHERE id = NEW.commitment_id FOR UPDATE;'


def upgrade() -> None:
    _claims(OPEN, LOCK + LOCK_PROMISE)
    if _is_sqlite():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{STANDS}'); END"
        op.execute(f'CREATE TRIGGER commitment_UPDATE BEFORE UPDATE ON commitment WHEN {LETS_GO} {refuse}')
        return
    op.execute(_function('commitment_holds', '', LETS_GO, STANDS))
    op.execute(
        'CREATE TRIGGER commitment_UPDATE BEFORE UPDATE ON commitment'
        ' FOR EACH ROW EXECUTE FUNCTION commitment_holds()'
    )


def downgrade() -> None:
    op.execute('DROP TRIGGER commitment_UPDATE' + ('' if _is_sqlite() else ' ON commitment'))
    if not _is_sqlite():
        op.execute('DROP FUNCTION commitment_holds()')
    _claims('', LOCK)


def _claims(promise: str, lock: str) -> None:
    """Say anew what a claim has to fit."""
    fits = FITS.format(open=promise)
    if not _is_sqlite():
        op.execute(_function('claim_fits', lock, f"NEW.state = 'standing' AND NOT EXISTS ({fits})", TOO_MUCH))
        return
    for verb in ('INSERT', 'UPDATE'):
        op.execute(f'DROP TRIGGER claim_{verb}')
        op.execute(
            f"CREATE TRIGGER claim_{verb} AFTER {verb} ON claim WHEN NEW.state = 'standing'"
            f" AND NOT EXISTS ({fits}) BEGIN SELECT RAISE(ABORT, '{TOO_MUCH}'); END"
        )


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == 'sqlite')


def _function(name: str, lock: str, broken: str, message: str) -> str:
    quoted = broken.replace("'", "''")
    return (
        f'CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS'
        f" 'BEGIN {lock} IF {quoted} THEN RAISE EXCEPTION ''{message}''"
        " USING ERRCODE = ''integrity_constraint_violation''; END IF; RETURN NEW; END'"
    )
