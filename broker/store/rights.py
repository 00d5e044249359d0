"""What the service's own role may do at the database: with PostgreSQL the record can be put out of its reach."""

from sqlalchemy import Connection, text

# Whoever owns a table, its schema or the function of its triggers can give themselves every right that is missing.
_CAN_CHANGE_THE_RECORD = text("""
SELECT bool_or(
    has_table_privilege(record.oid, CASE relname WHEN 'event_head' THEN '' ELSE 'UPDATE, ' END || 'DELETE, TRUNCATE')
    OR pg_has_role(relowner, 'USAGE') OR pg_has_role(nspowner, 'USAGE') OR pg_has_role(proowner, 'USAGE')
)
FROM pg_class AS record
JOIN pg_namespace AS place ON place.oid = relnamespace AND nspname = 'public'
JOIN pg_proc ON pronamespace = place.oid AND proname = 'refuse_change'
WHERE relname IN ('event', 'event_link', 'event_head')
""")


def can_change_the_record(connection: Connection) -> bool:
    """Whether nothing but the triggers stands in the way. A file is always its owner's."""
    return connection.dialect.name != "postgresql" or connection.scalar(_CAN_CHANGE_THE_RECORD) is not False
