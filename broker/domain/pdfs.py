"""PDFs that hold more than pages: a program, a command, or other files. Whoever opens one would open these as well.

A PDF is not taken apart here: its own words for such things are looked for, also where they are written in another way
(#4A for J) or packed into a stream of objects. What is locked by a password cannot be looked into.
"""

import re
import zlib
from collections.abc import Iterator

_MORE_THAN_PAGES = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z])")
_WRITTEN_OTHERWISE = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED, _BEGINS, _ENDS = b"/ObjStm", b"stream", b"endstream"
FURTHEST = 1024  # from what a stream is called to where it begins
MOST_UNPACKED = 16 * 1024 * 1024  # of all streams together


def holds_more_than_pages(pdf: bytes) -> bool:
    """Whether a program, a command or a file stands in it, as far as can be seen."""
    return any(_MORE_THAN_PAGES.search(_plain(part)) for part in (pdf, *_unpacked(pdf)))


def _plain(part: bytes) -> bytes:
    return _WRITTEN_OTHERWISE.sub(lambda found: bytes([int(found[1], 16)]), part)


def _unpacked(pdf: bytes) -> Iterator[bytes]:
    """What is packed into streams of objects, each byte looked at once; what cannot be unpacked shows nothing."""
    room, at = MOST_UNPACKED, 0
    while room > 0 and (named := pdf.find(_PACKED, at)) >= 0:
        begins = pdf.find(_BEGINS, named, named + FURTHEST)
        ends = pdf.find(_ENDS, begins) if begins >= 0 else -1
        at = max(ends, named + len(_PACKED))
        try:
            part = zlib.decompressobj().decompress(pdf[begins + len(_BEGINS) : ends].lstrip(b"\r\n"), room)
        except zlib.error:
            continue
        room -= len(part)
        yield part
