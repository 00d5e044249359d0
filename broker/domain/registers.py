"""Public registers of charities and companies (org-id scheme codes), and what a number in each looks like."""

import re

# The shape only: whether the number exists is for the officer to look up in the register.
_SHAPES: dict[str, re.Pattern[str]] = {
    "GB-CHC": re.compile(r"[0-9]{6,7}(-[0-9]{1,3})?"),
    "GB-COH": re.compile(r"[0-9]{8}|[A-Z]{2}[0-9]{6}|[A-Z]{2}[0-9]{5}[A-Z]|R[0-9]{7}"),
    "GB-SC": re.compile(r"SC[0-9]{6}"),
    "GB-NIC": re.compile(r"NIC[0-9]{6}"),
    "GB-MPR": re.compile(r"[A-Z]{0,2}[0-9]{1,6}[A-Z]{0,2}"),
}
REGISTERS = tuple(_SHAPES)


def normalise_number(scheme: str, text: str) -> str | None:
    """The number as its register writes it ("sc 12345" gives "SC012345"); None where it cannot be one.

    Blanks, small letters, a forgotten prefix and forgotten leading zeros are forgiven.
    """
    plain = "".join(text.split()).upper()
    if scheme in ("GB-SC", "GB-NIC"):
        prefix = scheme.removeprefix("GB-")
        digits = plain.removeprefix(prefix)
        plain = prefix + digits.zfill(6) if 4 <= len(digits) <= 6 else plain
    elif scheme == "GB-COH" and 6 <= len(plain) < 8 and plain.isdigit():
        plain = plain.zfill(8)
    shape = _SHAPES.get(scheme)
    return plain if shape and plain.isascii() and shape.fullmatch(plain) else None
