"""What the database itself holds of the ledger: no unit is claimed before it is proven, twice, or as something else.

The rule is the same on both databases. On PostgreSQL it first takes the delivery's row, so that of two claims at once
the second sees the first; SQLite lets one writer in at a time anyway.
"""

from collections.abc import Iterator

from sqlalchemy import DDL, Table, event

# Of the delivery and the commitment that a claim names: may so much of the one stand against the other?
_FITS = """
SELECT 1 FROM delivery
JOIN measure AS done ON done.id = delivery.measure_id
JOIN commitment ON commitment.id = NEW.commitment_id AND commitment.organisation_id = delivery.organisation_id
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
_TOO_MUCH = "more is claimed than is verified"

_SQLITE_CLAIM = """
CREATE TRIGGER claim_{verb} AFTER {verb} ON claim WHEN NEW.state = 'standing' AND NOT EXISTS ({fits})
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_SQLITE_DELIVERY = """
CREATE TRIGGER delivery_UPDATE BEFORE UPDATE ON delivery WHEN {breaks}
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
_LOCK = "PERFORM 1 FROM delivery WHERE id = NEW.delivery_id FOR UPDATE;"
_POSTGRESQL = "CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"


def guard(claims: Table) -> None:
    """With the table of claims come the triggers of the ledger."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(claims, "after_create", ddl)


def names(dialect: str) -> list[str]:
    """What the triggers are called that should be there."""
    return ["claim_INSERT", "claim_UPDATE", "delivery_UPDATE"]


def statements(dialect: str) -> Iterator[str]:
    """The triggers, in the words of a database."""
    if dialect == "sqlite":
        for verb in ("INSERT", "UPDATE"):
            yield _SQLITE_CLAIM.format(verb=verb, fits=_FITS, message=_TOO_MUCH)
        yield _SQLITE_DELIVERY.format(breaks=_BREAKS, message=_TOO_MUCH)
        return
    misfit = f"NEW.state = 'standing' AND NOT EXISTS ({_FITS})"
    yield _function("claim_fits", _LOCK, misfit)
    yield _function("delivery_holds", "", _BREAKS)
    for verb in ("INSERT", "UPDATE"):
        yield _POSTGRESQL.format(name=f"claim_{verb}", when=f"BEFORE {verb}", table="claim", function="claim_fits")
    yield _POSTGRESQL.format(name="delivery_UPDATE", when="BEFORE UPDATE", table="delivery", function="delivery_holds")


def _function(name: str, lock: str, broken: str) -> str:
    quoted = broken.replace("'", "''")
    return _FUNCTION.format(name=name, lock=lock, broken=quoted, message=_TOO_MUCH)
