"""Links that work once: what each is for, and how long it waits."""

from datetime import timedelta
from enum import StrEnum


class LinkPurpose(StrEnum):
    """What somebody shows by opening the link: that a letter, or the person who passed it on, reached them."""

    PASSWORD = "password"  # noqa: S105 - a purpose; from a command or an administrator, shown once on the screen
    RESET = "reset"
    INVITATION = "invitation"
    ADDRESS = "address"  # of somebody who signed up
    NEW_ADDRESS = "new_address"  # of somebody who moves to it


LASTS: dict[LinkPurpose, timedelta] = {
    LinkPurpose.PASSWORD: timedelta(days=2),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.INVITATION: timedelta(days=2),
    LinkPurpose.ADDRESS: timedelta(days=2),
    LinkPurpose.NEW_ADDRESS: timedelta(hours=1),
}
SETS_PASSWORD = frozenset({LinkPurpose.PASSWORD, LinkPurpose.RESET})
