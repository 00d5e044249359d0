"""What is taken out of every text that comes in, typed or imported, before anybody reads it."""

import re

# What no page may show: control characters, codes that are no character, and marks that turn the text after them
# around (U+202A to U+202E; the marks that Arabic or Hebrew needs beside English stay).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)


def tidy(text: str) -> str:
    """Outer blanks and what no page may show taken away, line ends made alike; the words untouched."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
