"""How often somebody may try before they are asked to wait, and for how long tries are remembered."""

from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

WITHIN = timedelta(minutes=15)
FOR_ONE_ACCOUNT = 10  # wrong passwords for one account from one address; from elsewhere its owner still gets in
FOR_ONE_ADDRESS = 100  # over all accounts: a whole office may share an address
LETTERS_TO = 3  # for one account; who asks for more is told the same and gets no more
LETTERS_FROM = 20  # from one address
KEPT = timedelta(hours=24)


class Door(StrEnum):
    """What was tried."""

    PASSWORD = "password"  # noqa: S105 - a door, not a secret
    CODE = "code"
    LETTER = "letter"  # asking that a letter be sent: nothing wrong with it, but not a hundred times


def whence(address: str | None) -> str:
    """The part of an internet address by which tries are counted: all of an old one, the first half of a new one."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)
