"""The record: is it whole, and where does it end?"""

import click
from flask.cli import AppGroup

from broker.store.audit import Head, head
from broker.store.base import db, reading

audit = AppGroup("audit", help="The record of what was done: check that nobody has changed it.")

FAULTS = {
    "changed": "has been changed since it was written",
    "event_gone": "has lost its event",
    "link_gone": "is missing",
    "end_gone": "is missing, and so is all that came after it",
    "head_changed": "All rows fit together, but the head of the chain names another end",
    "outside": "All rows fit together, but there are rows that the product did not write",
    "noted_changed": "is not the one that was noted",
}


class NotedHead(click.ParamType[Head]):
    """A head as `audit head` prints it: number:hash."""

    name = "number:hash"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        number, _, hash_ = str(value).partition(":")
        if not number.isdigit() or len(hash_) != 64:
            self.fail("give it as `audit head` printed it, such as 412:9f86d0...", param, ctx)
        return Head(int(number), hash_)


@audit.command("verify")
@click.option("--noted", type=NotedHead(), help="A head that was printed earlier: it must still be in the chain.")
def audit_verify(noted: Head | None) -> None:
    """Read the whole record, and say which row is the first that somebody has tampered with."""
    from broker.actions.audit import check_record, note_check

    with reading():
        found = check_record(noted)
    note_check(found)
    db.session.commit()
    if found.fault is not None:
        said = FAULTS[found.fault]
        raise click.ClickException(f"Row {found.broken} {said}." if found.broken else f"{said}.")
    click.echo(f"The record is whole: {found.seq} rows, each as it was written.")


@audit.command("head")
def audit_head() -> None:
    """Print where the record ends, to be kept elsewhere: whoever rewrites all of it cannot rewrite that."""
    with reading():
        end = head()
    click.echo(f"{end.seq}:{end.hash}")
