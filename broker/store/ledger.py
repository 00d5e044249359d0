"""What the database itself holds of the ledger: no unit is claimed before it is proven, twice, or as something else.

The rule is the same on both databases. On PostgreSQL it first takes the delivery's row and then the promise's, so that
of two at once the second sees what the first did; SQLite lets one writer in at a time anyway.
"""

from collections.abc import Iterator

from sqlalchemy import DDL, Table, event

# Of the delivery and the commitment that a claim names: may so much of the one stand against the other?
_FITS = """
SELECT 1 FROM delivery
JOIN measure AS done ON done.id = delivery.measure_id
JOIN commitment ON commitment.id = NEW.commitment_id AND commitment.organisation_id = delivery.organisation_id
    AND commitment.state = 'open'
JOIN measure AS meant ON meant.id = commitment.measure_id
WHERE delivery.id = NEW.delivery_id AND delivery.nature = 'additional' AND delivery.state = 'verified'
AND COALESCE(done.stands_for_id, done.id) = COALESCE(meant.stands_for_id, meant.id)
AND NEW.quantity + COALESCE((
    SELECT SUM(other.quantity) FROM claim AS other
    WHERE other.delivery_id = NEW.delivery_id AND other.state = 'standing' AND other.id <> NEW.id
), 0) <= delivery.verified
"""
_CLAIMED = """
SELECT 1 FROM claim WHERE claim.delivery_id = NEW.id AND claim.state = 'standing'
GROUP BY claim.delivery_id HAVING SUM(claim.quantity) > NEW.verified
"""
_PINNED = ("measure_id", "nature", "organisation_id")  # of a delivery, once something of it is claimed
_MOVED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _PINNED)
_ANY = "SELECT 1 FROM claim WHERE claim.delivery_id = NEW.id AND claim.state = 'standing'"
_BREAKS = f"EXISTS ({_CLAIMED}) OR (({_MOVED}) AND EXISTS ({_ANY}))"
# Of a promise, while something stands against it: whose it is, that it is open, and what it counts in truth.
_ROOT = "(SELECT COALESCE(stands_for_id, id) FROM measure WHERE id = {row}.measure_id)"
_OTHERWISE = (
    "NEW.organisation_id <> OLD.organisation_id OR NEW.state <> 'open'"
    f" OR {_ROOT.format(row='NEW')} <> {_ROOT.format(row='OLD')}"
)
_SERVED = "SELECT 1 FROM claim WHERE claim.commitment_id = NEW.id AND claim.state = 'standing'"
_LETS_GO = f"({_OTHERWISE}) AND EXISTS ({_SERVED})"
_TOO_MUCH = "more is claimed than is verified"
_STANDS = "something stands against this promise"

_SQLITE_CLAIM = """
CREATE TRIGGER claim_{verb} AFTER {verb} ON claim WHEN NEW.state = 'standing' AND NOT EXISTS ({fits})
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_SQLITE_UPDATE = """
CREATE TRIGGER {table}_UPDATE BEFORE UPDATE ON {table} WHEN {breaks}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN
{lock}
IF {broken} THEN
RAISE EXCEPTION ''{message}'' USING ERRCODE = ''integrity_constraint_violation''; END IF;
RETURN NEW; END'
"""
_LOCK = (
    "PERFORM 1 FROM delivery WHERE id = NEW.delivery_id FOR UPDATE;"
    " PERFORM 1 FROM commitment WHERE id = NEW.commitment_id FOR UPDATE;"
)
_POSTGRESQL = "CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"


def guard(claims: Table) -> None:
    """With the table of claims come the triggers of the ledger."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(claims, "after_create", ddl)


def names(dialect: str) -> list[str]:
    """What the triggers are called that should be there."""
    return ["claim_INSERT", "claim_UPDATE", "delivery_UPDATE", "commitment_UPDATE"]


def statements(dialect: str) -> Iterator[str]:
    """The triggers, in the words of a database."""
    if dialect == "sqlite":
        for verb in ("INSERT", "UPDATE"):
            yield _SQLITE_CLAIM.format(verb=verb, fits=_FITS, message=_TOO_MUCH)
        for table, breaks, message in (("delivery", _BREAKS, _TOO_MUCH), ("commitment", _LETS_GO, _STANDS)):
            yield _SQLITE_UPDATE.format(table=table, breaks=breaks, message=message)
        return
    misfit = f"NEW.state = 'standing' AND NOT EXISTS ({_FITS})"
    yield _function("claim_fits", _LOCK, misfit)
    yield _function("delivery_holds", "", _BREAKS)
    yield _function("commitment_holds", "", _LETS_GO, _STANDS)
    for verb in ("INSERT", "UPDATE"):
        yield _POSTGRESQL.format(name=f"claim_{verb}", when=f"BEFORE {verb}", table="claim", function="claim_fits")
    for table in ("delivery", "commitment"):
        yield _POSTGRESQL.format(name=f"{table}_UPDATE", when="BEFORE UPDATE", table=table, function=f"{table}_holds")


def _function(name: str, lock: str, broken: str, message: str = _TOO_MUCH) -> str:
    quoted = broken.replace("'", "''")
    return _FUNCTION.format(name=name, lock=lock, broken=quoted, message=message)
