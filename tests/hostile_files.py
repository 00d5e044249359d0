"""Files that nobody means well with, or that went wrong on their way: what each is called, and why it is refused."""

import struct
import sys
import zipfile
import zlib
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image, PngImagePlugin

from broker.actions.files import MOST_PIXELS, cleaned
from broker.domain.files import LARGEST, FileRefused, Upload

MARK = b"HOSTILE"  # what must never be found in what is kept
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class Hostile(NamedTuple):
    """`code`: why it is refused; None where it may be taken, because drawn anew it is harmless."""

    name: str
    upload: Upload
    code: str | None


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *pieces: bytes, bits: int = 8, colours: int = 2) -> bytes:
    """A PNG that says it is so large; with nothing drawn where no pieces are given."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(pieces) + chunk(b"IEND", b"")


def segment(mark: int, content: bytes) -> bytes:
    """A piece of a JPEG."""
    return bytes([0xFF, mark]) + struct.pack(">H", len(content) + 2) + content


def archive(inside: dict[str, bytes], before: bytes = b"", remark: bytes = b"") -> bytes:
    """A ZIP, perhaps behind something else."""
    out = BytesIO(before)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        made.comment = remark
        for name, content in inside.items():
            made.writestr(name, content)
    return out.getvalue()


@cache
def _zeros() -> bytes:
    """A hundred million zeros, squeezed, without ever holding them."""
    squeezer, part = zlib.compressobj(1), bytes(1_000_000)
    return b"".join(squeezer.compress(part) for _ in range(100)) + squeezer.flush()


JPEG = _saved(Image.linear_gradient("L").convert("RGB"), "JPEG")
PNG = _saved(Image.linear_gradient("L").convert("RGB"), "PNG")
LAYERED = _saved(Image.linear_gradient("L"), "JPEG", progressive=True)
_LAYER = JPEG[JPEG.index(b"\xff\xda") : -2]


def _grown(jpeg: bytes, width: int, height: int) -> bytes:
    """The same, but it says that it is so large."""
    at = next(jpeg.index(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in jpeg) + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


@cache
def files() -> list[Hostile]:
    """All of them."""
    return [*_bombs(), *_broken(), *_two_in_one(), *_something_else(), *_odd_names()]


def _bombs() -> list[Hostile]:
    drawn = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    loud = PngImagePlugin.PngInfo()
    for number in range(12):
        loud.add_text(f"text{number}", "x" * 1_000_000, zip=True)
    many = JPEG[:-2] + _LAYER * (40) + b"\xff\xd9"
    inside = archive({"zeros": bytes(1_000_000)})
    return [
        Hostile("png of 2^31 by 2^31", Upload(png(2**31 - 1, 2**31 - 1, drawn), "a.png"), "too_many_pixels"),
        Hostile("png of 50,000 by 50,000", Upload(png(50_000, 50_000, drawn), "a.png"), "too_many_pixels"),
        Hostile("png just too large", Upload(png(MOST_PIXELS + 1, 1, drawn), "a.png"), "too_many_pixels"),
        Hostile("png wide, nothing high", Upload(png(2**31 - 1, 1, drawn), "a.png"), "too_many_pixels"),
        Hostile("png of no width", Upload(png(0, 10, drawn), "a.png"), "damaged"),
        Hostile("png that unpacks to 100 MB", Upload(png(8, 8, chunk(b"IDAT", _zeros())), "a.png"), None),
        Hostile(
            "png with a profile that unpacks to 100 MB",
            Upload(png(8, 8, chunk(b"iCCP", b"x\0\0" + _zeros()), drawn), "a.png"),
            "damaged",
        ),
        Hostile(
            "png with a remark that unpacks to 100 MB",
            Upload(png(8, 8, chunk(b"zTXt", b"x\0\0" + _zeros()), drawn), "a.png"),
            "damaged",
        ),
        Hostile(
            "png with many remarks",
            Upload(_saved(Image.new("L", (9, 9)), "PNG", pnginfo=loud), "a.png"),
            "damaged",
        ),
        Hostile("jpeg of 65,500 by 65,500", Upload(_grown(JPEG, 65_500, 65_500), "a.jpg"), "too_many_pixels"),
        Hostile("jpeg just too large", Upload(_grown(JPEG, 64_001, 1000), "a.jpg"), "too_many_pixels"),
        Hostile("jpeg of no height", Upload(_grown(JPEG, 100, 0), "a.jpg"), "damaged"),
        Hostile("jpeg in layers, 24 million pixels", Upload(_grown(LAYERED, 6000, 4000), "a.jpg"), "too_many_pixels"),
        Hostile("jpeg in 41 layers", Upload(many, "a.jpg"), "damaged"),
        Hostile("jpeg of a million pieces", Upload(b"\xff\xd8" + segment(0xE0, b"") * 1_000_000, "a.jpg"), "damaged"),
        Hostile("archive that unpacks to 1 MB, called pdf", Upload(inside, "a.pdf"), "pdf_is_archive"),
        Hostile("archive in an archive, called png", Upload(archive({"a.zip": inside}), "a.png"), "png_is_archive"),
    ]


def _broken() -> list[Hostile]:
    return [
        Hostile("nothing", Upload(b"", "a.pdf"), "empty"),
        Hostile("one byte", Upload(b"%", "a.pdf"), "pdf_is_something"),
        Hostile("only zeros", Upload(bytes(5000), "a.png"), "png_is_something"),
        Hostile("too large by one", Upload(PDF.ljust(LARGEST + 1), "a.pdf"), "too_large"),
        Hostile("half a pdf", Upload(PDF[:20], "a.pdf"), "damaged"),
        Hostile("pdf with junk before it", Upload(b"\n" + PDF, "a.pdf"), "pdf_is_something"),
        Hostile("pdf that ends long before its end", Upload(PDF + MARK * 1000, "a.pdf"), "damaged"),
        Hostile("half a png", Upload(PNG[: len(PNG) // 2], "a.png"), "damaged"),
        Hostile("the head of a png", Upload(PNG[:8], "a.png"), "damaged"),
        Hostile("png with a wrong sum", Upload(PNG.replace(b"IDAT", b"IDAT\x01", 1), "a.png"), "damaged"),
        Hostile("png without a picture", Upload(png(8, 8), "a.png"), "damaged"),
        Hostile("half a jpeg", Upload(JPEG[: len(JPEG) // 2], "a.jpg"), "damaged"),
        Hostile("the head of a jpeg", Upload(JPEG[:4], "a.jpg"), "damaged"),
        Hostile("jpeg of noise", Upload(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 200, "a.jpg"), "damaged"),
        Hostile(
            "jpeg with a broken Exif",
            Upload(JPEG[:2] + segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + MARK) + JPEG[2:], "a.jpg"),
            None,
        ),
    ]


def _two_in_one() -> list[Hostile]:
    page = b"<html><script>" + MARK + b"</script></html>"
    nine = chunk(b"IDAT", zlib.compress(bytes(10)))
    moving = Image.new("RGB", (9, 9), "white")
    frames = [Image.new("RGB", (9, 9), "black")]
    return [
        Hostile("pdf with an archive behind", Upload(archive({"a": MARK}, PDF), "a.pdf"), "two_in_one"),
        Hostile(
            "pdf in the remark of an archive",
            Upload(archive({"a": MARK}, b"%PDF-1.7\n", b"\n%%EOF"), "a.pdf"),
            "two_in_one",
        ),
        Hostile("pdf with a page behind", Upload(PDF + page, "a.pdf"), "two_in_one"),
        Hostile("pdf inside an archive", Upload(archive({"a.pdf": PDF}), "a.pdf"), "pdf_is_archive"),
        Hostile("jpeg with an archive behind", Upload(archive({"a": MARK}, JPEG), "a.jpg"), None),
        Hostile("jpeg with a page behind", Upload(JPEG + page, "a.jpg"), None),
        Hostile("jpeg with a page as its remark", Upload(JPEG[:2] + segment(0xFE, page) + JPEG[2:], "a.jpg"), None),
        Hostile("png with an archive behind", Upload(archive({"a": MARK}, PNG), "a.png"), None),
        Hostile(
            "png with a script as its palette",
            Upload(
                png(9, 1, chunk(b"PLTE", page[:45].ljust(45)), nine, colours=3),
                "a.png",
            ),
            None,
        ),
        Hostile(
            "moving png",
            Upload(_saved(moving, "PNG", save_all=True, append_images=frames), "a.png"),
            "moving",
        ),
    ]


def _something_else() -> list[Hostile]:
    gif = _saved(Image.new("P", (9, 9)), "GIF")
    return [
        Hostile("gif", Upload(gif, "a.gif", "image/gif"), "is_gif"),
        Hostile("gif called png", Upload(gif, "a.png", "image/png"), "png_is_gif"),
        Hostile("tiff called jpg", Upload(_saved(Image.new("L", (9, 9)), "TIFF"), "a.jpg"), "jpeg_is_tiff"),
        Hostile("webp called jpg", Upload(b"RIFF\0\0\0\0WEBPVP8 ", "a.jpg"), "jpeg_is_webp"),
        Hostile("drawing with a script", Upload(b"<svg onload='x'/>", "a.svg", "image/svg+xml"), "is_drawing"),
        Hostile("drawing called png", Upload(b"<svg onload='x'/>", "a.png", "image/png"), "png_is_drawing"),
        Hostile("page called pdf", Upload(b"<html><script>x</script>", "a.pdf"), "pdf_is_page"),
        Hostile("pdf called jpg", Upload(PDF, "a.jpg", "image/jpeg"), "jpeg_is_pdf"),
        Hostile("pdf sent as a page", Upload(PDF, "a.pdf", "text/html"), "declared_otherwise"),
        Hostile("program", Upload(b"MZ" + bytes(600), "a.exe"), "is_something"),
        Hostile("program called pdf", Upload(b"\x7fELF" + bytes(600), "a.pdf"), "pdf_is_something"),
        Hostile("sheet with a formula", Upload(b"=cmd|' /C calc'!A0", "a.csv", "text/csv"), "is_something"),
    ]


def _odd_names() -> list[Hostile]:
    return [
        Hostile("name turned around", Upload(PDF, "a\u202efdp.exe", "application/pdf"), "other_ending"),
        Hostile("name with a zero", Upload(PDF, "a.pdf\0.exe"), "other_ending"),
        Hostile("name of a folder", Upload(PDF, "a.pdf/.."), "other_ending"),
        Hostile("name of four thousand letters, no ending", Upload(PDF, "a" * 4000), "no_ending"),
    ]


def _held(what: str) -> int:
    """The memory of this process in KiB: VmRSS what it holds, VmHWM the most that it ever held."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.partition(f"{what}:")[2].split()[0])


def main() -> None:
    """Meet them all in this process, and say by how many KiB it grew meanwhile."""
    met = files()
    cleaned(Upload(JPEG, "first.jpg"))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # what it held at the most begins anew
    before = _held("VmRSS")
    for each in met:
        with suppress(FileRefused):
            cleaned(each.upload)
    sys.stdout.write(str(_held("VmHWM") - before))


if __name__ == "__main__":
    main()
