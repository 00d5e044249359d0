"""A file as a form sends it, and the words for why it cannot be taken."""

from flask import current_app
from werkzeug.datastructures import FileStorage

from broker.domain.files import ENDING, LARGEST, OTHERS, Upload
from broker.domain.kinds import FileKind

ACCEPT = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
ACCEPT_PHOTO = "image/jpeg,image/png,.jpg,.jpeg,.png"
TAKEN = "We take PDF, PNG and JPEG."
_PDF_INSTEAD = "Open it, save it as a PDF and send that."
_JPEG_INSTEAD = "Open it, save it as a JPEG and send that."
_FOUND: dict[str, tuple[str, str]] = {  # what it is, and what to do
    FileKind.PDF: ("a PDF", "Change the ending of its name to .pdf and send it again."),
    FileKind.PNG: ("a PNG picture", "Change the ending of its name to .png and send it again."),
    FileKind.JPEG: ("a JPEG picture", "Change the ending of its name to .jpg and send it again."),
    "gif": ("a GIF picture", _JPEG_INSTEAD),
    "tiff": ("a TIFF picture", _JPEG_INSTEAD),
    "webp": ("a WebP picture", _JPEG_INSTEAD),
    "heic": (
        "a HEIC picture, as some phones make them",
        "Take a screenshot of it and send that, or choose “Most compatible” in the camera’s settings.",
    ),
    "archive": ("an archive or an office document", _PDF_INSTEAD),
    "document": ("an office document", _PDF_INSTEAD),
    "page": ("a web page", "Print it as a PDF and send that."),
    "drawing": ("an SVG drawing", "Take a screenshot of it and send that."),
    "something": ("something that we do not know", "Perhaps it was damaged on its way. Save it again and send that."),
}
FILE_WORDS = {
    "needed": "Choose a file",
    "empty": "This file is empty. Choose it again, or send another one.",
    "too_large": f"This file is larger than {LARGEST // 1024**2} MB. Send a smaller one, such as a photo of the page.",
    "no_ending": f"The name of this file has no ending such as .pdf. {TAKEN} Add the right ending and send it again.",
    "other_ending": f"The ending of this file’s name is not one that we take. {TAKEN}",
    "declared_otherwise": "Your browser says that this file is something else than it is. Save it again and send that.",
    "damaged": "This file is damaged: it breaks off, or parts of it make no sense. Save it again and send that.",
    "two_in_one": "This PDF has something behind its end, or is an archive as well. Print it as a PDF and send that.",
    "more_than_pages": "This PDF holds a program or other files. Print it as a PDF, so that only its pages are in it.",
    "moving": "This picture moves. Send one that stands still, such as a screenshot.",
    "too_many_pixels": "This picture has more pixels than we can take in. Take a screenshot of it and send that.",
    "no_picture": "This is a PDF. Send a photo here: a JPEG or a PNG.",
    "already": "This file is with this delivery already. Choose another one.",
    "quota": "Your organisation has no room left for this file. Use one that you sent before, or remove one first.",
    **{f"is_{found}": f"This is {a}. {TAKEN} {do}" for found, (a, do) in _FOUND.items() if found in OTHERS},
    **{
        f"{called}_is_{found}": f"This is called {ENDING[called]} but is {a}. {do}"
        for called in FileKind
        for found, (a, do) in _FOUND.items()
        if found != called
    },
}


def upload_of(sent: FileStorage | None, field: str, kinds: frozenset[FileKind]) -> Upload | None:
    """What was sent in the field of this name, which takes these kinds; None where nothing was."""
    if sent is None or not sent.filename:
        return None
    content = sent.read(LARGEST + 1)
    sent.seek(0)
    return Upload(content, sent.filename, sent.mimetype or "", field, kinds)


def quota() -> int:
    """How many bytes of files one organisation may hand in here."""
    return int(current_app.config["EVIDENCE_QUOTA"])
