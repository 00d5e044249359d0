"""What a file is: its name, what it is sent as and what it begins with must agree; and the name it is kept under."""

import tracemalloc
import zipfile
import zlib
from io import BytesIO

import pytest

from broker.domain.files import LARGEST, PICTURES, FileRefused, Upload, kept_name, kind_of, layers
from broker.domain.kinds import FileKind
from broker.domain.pdfs import MOST_UNPACKED, holds_more_than_pages

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + b"\0" * 40


MORE_THAN_PAGES = (
    b"/S /JavaScript /JS (app.alert(1))",
    b"/S/J#61vaScript",
    b"/Launch",
    b"/Names<</EmbeddedFiles 2 0 R>>",
    b"/Type/EmbeddedFile",
    b"<</Type /ObjStm /Filter /FlateDecode>>\nstream\r\n" + zlib.compress(b"<</S/JavaScript>>") + b"\nendstream",
)
ONLY_PAGES = (
    b"(Our JavaScript club met on /JavaScriptDay)",
    b"<</Type/ObjStm>>\nstream\n" + zlib.compress(b"<</Type/Page>>" * 99) + b"\nendstream",
    b"<</Type/ObjStm>>\nstream\nlocked\nendstream",
    b"/ObjStm" * 999,
)


def holding(words: bytes) -> bytes:
    return PDF.replace(b"<<>>", words, 1)


@pytest.mark.parametrize("words", ONLY_PAGES, ids=range(len(ONLY_PAGES)))
def test_a_pdf_that_shows_pages_only_is_taken(words: bytes) -> None:
    assert kind_of(Upload(holding(words), "sheet.pdf")) == FileKind.PDF


def test_a_pdf_that_unpacks_without_end_is_looked_into_as_far_as_there_is_room() -> None:
    endless = b"<</Type/ObjStm>>\nstream\n" + zlib.compress(bytes(64 * 1024 * 1024)) + b"\nendstream\n"
    tracemalloc.start()
    assert not holds_more_than_pages(holding(endless * 9))
    assert tracemalloc.get_traced_memory()[1] < 4 * MOST_UNPACKED
    tracemalloc.stop()


def archive(name: str = "word/document.xml") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "hello")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "declared", "kind"),
    [
        (PDF, "sheet.pdf", "application/pdf", FileKind.PDF),
        (PDF, "SHEET.PDF", "application/octet-stream", FileKind.PDF),
        (PDF[:-1], "sheet.pdf", "", FileKind.PDF),
        (PDF + b"\r\n\0\0", "sheet.pdf", "Application/PDF; charset=binary", FileKind.PDF),
        (PNG, "screen shot.png", "image/png", FileKind.PNG),
        (JPEG, "IMG_0001.JPG", "image/jpeg", FileKind.JPEG),
        (JPEG, "photo.jpeg", "image/jpg", FileKind.JPEG),
    ],
)
def test_what_agrees_is_taken(content: bytes, name: str, declared: str, kind: FileKind) -> None:
    assert kind_of(Upload(content, name, declared)) == kind


@pytest.mark.parametrize(
    ("content", "name", "declared", "code"),
    [
        (b"", "sheet.pdf", "application/pdf", "empty"),
        (PDF + b" " * LARGEST, "sheet.pdf", "application/pdf", "too_large"),
        (PNG, "sheet.pdf", "application/pdf", "pdf_is_png"),
        (PDF, "photo.jpg", "image/jpeg", "jpeg_is_pdf"),
        (JPEG, "photo.png", "image/png", "png_is_jpeg"),
        (b"GIF89a" + b"\0" * 30, "photo.png", "image/png", "png_is_gif"),
        (b"II*\0" + b"\0" * 30, "scan.jpg", "image/jpeg", "jpeg_is_tiff"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "photo.jpg", "image/jpeg", "jpeg_is_webp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "photo.jpg", "image/jpeg", "jpeg_is_heic"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "IMG_1.HEIC", "image/heic", "is_heic"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.png", "image/png", "png_is_drawing"),
        (b"<?xml version='1.0'?><svg/>", "photo.svg", "image/svg+xml", "is_drawing"),
        (b"\xef\xbb\xbf <!DOCTYPE html><script>", "sheet.pdf", "application/pdf", "pdf_is_page"),
        (archive(), "sheet.docx", "", "is_archive"),
        (archive("sheet.pdf"), "sheet.pdf", "application/pdf", "pdf_is_archive"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 40, "sheet.doc", "application/msword", "is_document"),
        (PDF, "sheet.exe", "application/pdf", "other_ending"),
        (PDF, "sheet.pdf.exe", "application/pdf", "other_ending"),
        (PDF, "sheet", "application/pdf", "no_ending"),
        (PDF, "folder.pdf/sheet", "application/pdf", "no_ending"),
        (PDF, "", "application/pdf", "no_ending"),
        (PDF, "sheet.pdf", "image/png", "declared_otherwise"),
        (PDF, "sheet.pdf", "text/html", "declared_otherwise"),
        (b"junk " + PDF, "sheet.pdf", "application/pdf", "pdf_is_something"),
        (b"%PDF-1.7\nhalf of it", "sheet.pdf", "application/pdf", "damaged"),
        (PDF + b"\0" * 2000 + b"x", "sheet.pdf", "application/pdf", "damaged"),
        (PDF + b"<script>", "sheet.pdf", "application/pdf", "two_in_one"),
        *((holding(word), "sheet.pdf", "application/pdf", "more_than_pages") for word in MORE_THAN_PAGES),
        (PDF + archive(), "sheet.pdf", "application/pdf", "two_in_one"),
    ],
)
def test_what_does_not_agree_is_refused(content: bytes, name: str, declared: str, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        kind_of(Upload(content, name, declared, "photo"))
    assert refused.value.problems == {"photo": code}


def test_where_a_photo_is_wanted_a_document_is_refused() -> None:
    assert kind_of(Upload(PNG, "a.png", kinds=PICTURES)) == FileKind.PNG
    with pytest.raises(FileRefused) as refused:
        kind_of(Upload(PDF, "a.pdf", "", "photo", PICTURES))
    assert refused.value.problems == {"photo": "no_picture"}


def test_a_pdf_that_ends_as_an_archive_is_refused() -> None:
    """The end of an archive may hold a remark; this one's remark is the end of a PDF."""
    out = BytesIO(PDF)
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("inside", "hello")
        made.comment = b"\n%%EOF"
    with pytest.raises(FileRefused) as refused:
        kind_of(Upload(out.getvalue(), "sheet.pdf"))
    assert refused.value.code == "two_in_one"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Time sheet (May).PDF", "Time sheet (May).pdf"),
        ("C:\\Users\\me\\sheet.pdf", "sheet.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("sheet.pdf\0.exe", "sheet.pdf.pdf"),
        ("sheet\u202efdp.exe.pdf", "sheetfdp.exe.pdf"),
        ("a\r\nContent-Type: text.pdf", "a Content-Type text.pdf"),
        ('x"; filename="y.pdf', "x filename y.pdf"),
        ("Café zdjęcie 写真.pdf", "Café zdjęcie 写真.pdf"),
        ("n" * 4000 + ".pdf", "n" * 100 + ".pdf"),
        (".pdf", "file.pdf"),
        ("\u200b\u2067.pdf", "file.pdf"),
        ("...hidden..pdf", "hidden.pdf"),
    ],
)
def test_a_name_is_made_harmless(sent: str, kept: str) -> None:
    assert kept_name(sent, FileKind.PDF) == kept


def test_a_jpeg_is_kept_under_one_ending() -> None:
    assert kept_name("photo.jpeg", FileKind.JPEG) == "photo.jpg"


def segment(mark: int, content: bytes) -> bytes:
    return bytes([0xFF, mark]) + (len(content) + 2).to_bytes(2) + content


def test_layers_are_counted_in_the_first_picture_alone() -> None:
    layer = segment(0xDA, b"\x01") + b"drawn\xff\x00\xff\xd0more"
    thumbnail = segment(0xE1, b"\xff\xd8" + layer + b"\xff\xd9")
    once = b"\xff\xd8" + thumbnail + layer + b"\xff\xd9"
    assert layers(once) == 1
    assert layers(once + once) == 1
    assert layers(b"\xff\xd8" + layer * 40 + b"\xff\xd9") == 40
    assert layers(b"\xff\xd8") == 0
    assert layers(b"\xff\xd8" + segment(0xE0, b"") * 1_000_000) == 10_000, "nobody waits for such a file"
