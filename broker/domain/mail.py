"""What letters there are: each kind is one template and one reason to write."""

from enum import StrEnum


class MailKind(StrEnum):
    """Why somebody is written to."""

    # about one's account; the token in the link is given
    INVITATION = "invitation"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a kind of letter
    VERIFY_ADDRESS = "verify_address"
    ADDRESS_CHANGED = "address_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of letter
    SECOND_FACTOR_CHANGED = "second_factor_changed"
