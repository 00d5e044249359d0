"""Files of the demonstration city, made here so that none has to be kept: a page of words, and a small picture."""

import struct
import zlib
from collections.abc import Sequence
from random import Random

WIDE, HIGH = 160, 120


def signed_page(lines: Sequence[str]) -> bytes:
    """A PDF of one page with these lines."""
    shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    stream = f"BT /F1 14 Tf 60 760 Td 22 TL {shown}ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    content, starts = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        starts.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def picture(seed: str) -> bytes:
    """A PNG of a sky, a hill and a sun, in other colours for each seed."""
    chance = Random(seed)  # noqa: S311 - the same picture every time
    sky, hill, sun = (bytes(chance.randrange(60, 240) for _ in range(3)) for _ in range(3))
    across, slope = chance.randrange(30, 130), chance.randrange(60, 90)
    rows = bytearray()
    for y in range(HIGH):
        row = [hill if y > slope + (x - across) ** 2 // 200 else sky for x in range(WIDE)]
        if 15 <= y < 35:
            row[20:40] = [sun] * 20
        rows += b"\0" + b"".join(row)
    head = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
