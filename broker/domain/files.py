"""Files that people send in support of what was done: which kinds are taken, how large, and under what name they stand.

What a file is called, what it is sent as and what it begins with must say the same thing. Nothing here reads further
than that: a picture is drawn anew by actions/files.py, and of a PDF only the words for what is no page are looked for.
"""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO

from broker.domain.kinds import FileKind
from broker.domain.pdfs import holds_more_than_pages
from broker.domain.refusals import Unfit
from broker.domain.texts import tidy

LARGEST = 5 * 1024 * 1024
QUOTA = 100 * 1024 * 1024  # of one organisation, unless the settings say otherwise
PICTURES = frozenset({FileKind.PNG, FileKind.JPEG})
LONGEST_STEM = 100
TAIL = 1024  # a PDF says at its very end where it ends; some programs leave a little behind it


ENDING = {FileKind.PDF: ".pdf", FileKind.PNG: ".png", FileKind.JPEG: ".jpg"}
MEDIA_TYPE = {FileKind.PDF: "application/pdf", FileKind.PNG: "image/png", FileKind.JPEG: "image/jpeg"}
_NAMED = {".pdf": FileKind.PDF, ".png": FileKind.PNG, ".jpg": FileKind.JPEG, ".jpeg": FileKind.JPEG}
_DECLARED = {
    **{media_type: kind for kind, media_type in MEDIA_TYPE.items()},
    **{"application/x-pdf": FileKind.PDF, "image/jpg": FileKind.JPEG, "image/pjpeg": FileKind.JPEG},
}
_SAYS_NOTHING = ("", "application/octet-stream")  # a browser that does not know the ending
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", FileKind.PDF),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"GIF8", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"\xd0\xcf\x11\xe0", "document"),
)
_IN_BOXES = {b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"msf1": "heic", b"avif": "heic"}
# Within what is drawn, 255 is followed by 0 or by one of the marks that have no length.
_MARK = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])")
_LAYER, _END_OF_PICTURE = b"\xda", b"\xd9"
MOST_MARKS = 10_000
OTHERS = ("gif", "tiff", "webp", "heic", "archive", "document", "page", "drawing", "something")


class FileRefused(Unfit):
    """A file that cannot be taken: `code` is why, and stands at the form's field of that name."""

    def __init__(self, code: str, field: str = "file") -> None:
        super().__init__({field: code})
        self.code = code


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its bytes, what it is called, what the browser says that it is, in which field, and of
    which kinds it may be there.
    """

    content: bytes
    name: str
    declared: str = ""
    field: str = "file"
    kinds: frozenset[FileKind] = frozenset(FileKind)


def kind_of(upload: Upload) -> FileKind:
    """What this file is. Raises FileRefused unless name, declared type and content say the same."""
    code = _problem(upload)
    if code:
        raise FileRefused(code, upload.field)
    kind = FileKind(_begins_as(upload.content))
    if kind not in upload.kinds:
        raise FileRefused("no_picture", upload.field)
    return kind


def kept_name(name: str, kind: FileKind) -> str:
    """The name without folders, marks that nobody sees or a length that nobody reads, and with the ending it should
    have.
    """
    stem = _last_part(name)
    stem = stem[: len(stem) - len(_ending(stem))]
    said = "".join(letter if _is_plain(letter) else " " for letter in unicodedata.normalize("NFC", stem))
    return (" ".join(said.split()).strip(". ")[:LONGEST_STEM].strip(". ") or "file") + ENDING[kind]


def layers(jpeg: bytes) -> int:
    """In how many layers the first picture of a JPEG is written: one, unless it appears bit by bit."""
    at, found = 2, 0
    for _ in range(MOST_MARKS):
        mark = _MARK.search(jpeg, at)
        if mark is None or mark[1] == _END_OF_PICTURE:
            return found
        found += mark[1] == _LAYER
        at = mark.end() + int.from_bytes(jpeg[mark.end() : mark.end() + 2])
    return MOST_MARKS


def _problem(upload: Upload) -> str | None:
    if not upload.content:
        return "empty"
    if len(upload.content) > LARGEST:
        return "too_large"
    found, ending = _begins_as(upload.content), _ending(_last_part(upload.name))
    if ending not in _NAMED:
        return f"is_{found}" if found in OTHERS else "other_ending" if ending else "no_ending"
    if found != _NAMED[ending]:
        return f"{_NAMED[ending]}_is_{found}"
    declared = upload.declared.partition(";")[0].strip().lower()
    if declared not in _SAYS_NOTHING and _DECLARED.get(declared) != found:
        return "declared_otherwise"
    return _pdf_problem(upload.content) if found == FileKind.PDF else None


def _begins_as(content: bytes) -> str:
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        return _IN_BOXES.get(content[8:12], "something")
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "drawing"
    return (
        "page"
        if head.startswith((b"<!doctype html", b"<html", b"<script", b"<!--", b"<body", b"<?xml"))
        else "something"
    )


def _pdf_problem(content: bytes) -> str | None:
    """A PDF ends where it says, is not an archive as well, and shows pages only. What they show is not looked at."""
    end = content.rfind(b"%%EOF")
    if end < max(0, len(content) - TAIL):
        return "damaged"
    if content[end + 5 :].strip(b"\r\n\t \x00") or zipfile.is_zipfile(BytesIO(content)):
        return "two_in_one"
    return "more_than_pages" if holds_more_than_pages(content) else None


def _last_part(name: str) -> str:
    return tidy(name.replace("\\", "/").rpartition("/")[2])


def _ending(name: str) -> str:
    """The ending of a name, in small letters; of one that is all ending, that."""
    dot = name.rfind(".")
    return name[dot:].lower() if dot >= 0 else ""


def _is_plain(letter: str) -> bool:
    """Letters, digits and the marks that names have; none that turns text around, none that a header could trip on."""
    return letter in " -_.,()'&" or unicodedata.category(letter)[0] in "LNM"
