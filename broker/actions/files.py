"""Taking in a file: checked, a picture drawn anew so that nothing but the picture is left, and kept once.

A picture loses where and when it was taken, whatever stood behind its last line, and everything else that is no part
of what it shows. A PDF stays as it is, because only a program much larger than this one could take it apart.
"""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING
from warnings import filterwarnings

from broker.actions.moving import hold
from broker.domain.clock import now
from broker.domain.files import LARGEST, QUOTA, FileRefused, Upload, kept_name, kind_of, layers
from broker.domain.kinds import FileKind
from broker.domain.permissions import Actor
from broker.store.base import db
from broker.store.files import StoredFile, file_like, kept_by
from broker.store.organisations import Organisation

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

# Thirteen million pixels are the picture of a telephone, and take some 100 MB while it is drawn anew. A JPEG may hold
# more, because it can be read at a half, a quarter or an eighth of its size: unless it was written in layers, which
# must all be in memory at once, and each of which takes its time.
MOST_PIXELS = 13_000_000
MOST_IN_JPEG = 64_000_000
MOST_LAYERS = 20
SIDES = (2000, 1400, 1000)  # the longest side that is kept; the next one where the file would still be too large
QUALITY = 85
TEXT_IN_PNG = 4 * 1024 * 1024
ORIENTATION = 0x0112
_one_at_a_time = Lock()  # so that many pictures sent at once take no more memory than one


@dataclass(frozen=True, slots=True)
class Clean:
    """A file as it may be kept; `field` is where it was sent."""

    kind: FileKind
    name: str
    content: bytes
    field: str = "file"

    @property
    def sha256(self) -> str:
        """What tells equal files from others."""
        return sha256(self.content).hexdigest()


def cleaned(upload: Upload) -> Clean:
    """The file as it may be kept. Raises FileRefused."""
    kind = kind_of(upload)
    content = upload.content if kind is FileKind.PDF else _drawn_anew(upload, kind)
    return Clean(kind, kept_name(upload.name, kind), content, upload.field)


def keep_file(clean: Clean, organisation_id: int, by: Actor, quota: int = QUOTA) -> StoredFile:
    """Keep a file for an organisation, or find that it is kept already. `quota`: bytes of all its files together.

    Raises FileRefused. No right is asked for here: a file is kept as part of a deed that was allowed.
    """
    hold(db.session.get_one(Organisation, organisation_id))  # two files sent at once are reckoned up one by one
    known = file_like(organisation_id, clean.sha256)
    if known is not None:
        return known
    if kept_by(organisation_id) + len(clean.content) > quota:
        raise FileRefused("quota", clean.field)
    stored = StoredFile(
        organisation_id=organisation_id,
        kind=clean.kind,
        name=clean.name,
        size=len(clean.content),
        sha256=clean.sha256,
        content=clean.content,
        added_by_id=by.user_id,
        added_at=now(),
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def _drawn_anew(upload: Upload, kind: FileKind) -> bytes:
    from PIL import Image, PngImagePlugin

    filterwarnings("ignore", module=r"PIL\.")  # what is odd in a file of somebody else's is nothing to log
    Image.MAX_IMAGE_PIXELS = None  # the bounds are our own, and are held before anything is unpacked
    PngImagePlugin.MAX_TEXT_MEMORY = TEXT_IN_PNG
    refused = partial(FileRefused, field=upload.field)
    in_layers = layers(upload.content) if kind is FileKind.JPEG else 0
    if in_layers > MOST_LAYERS:
        raise refused("damaged")
    with _one_at_a_time:
        try:
            with Image.open(BytesIO(upload.content), formats=[kind.upper()]) as picture:
                if problem := _problem(picture, in_layers):
                    raise refused(problem)
                return _encoded(_upright(picture), kind)
        except FileRefused:
            raise
        except Exception as broken:  # the library has a dozen names for a file that is not what it should be
            raise refused("damaged") from broken


def _problem(picture: "Image", in_layers: int) -> str | None:
    """What is wrong with a picture of which no more than the head has been read."""
    if not in_layers and getattr(picture, "is_animated", False):  # a JPEG may hold a second one, for depth
        return "moving"
    most = MOST_IN_JPEG if in_layers == 1 else MOST_PIXELS
    return "too_many_pixels" if picture.width * picture.height > most else None


def _upright(picture: "Image") -> "Image":
    """The picture and nothing else, the right way up, in plain colours, no larger than is kept."""
    part = next((part for part in (1, 2, 4) if max(picture.size) < 2 * SIDES[0] * part), 8)
    picture.draft(None, (picture.width // part, picture.height // part))  # a JPEG is read so small in no time
    picture.load()
    turn = _turn(picture)
    plain = _in_plain_colours(picture)
    plain.thumbnail((SIDES[0], SIDES[0]))
    turned = plain if turn is None else plain.transpose(turn)
    turned.info = {}  # the library would write down some of it again
    return turned


def _turn(picture: "Image") -> "Transpose | None":
    """How to set upright what the camera says was taken sideways. What says nothing that makes sense is left."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        return turns.get(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        return None


def _in_plain_colours(picture: "Image") -> "Image":
    """Grey or red, green and blue, eight bits each, with what is see-through where the picture has it."""
    if picture.mode.startswith("I"):  # sixteen bits of grey: the library would cut off all that is bright
        return picture.point(lambda grey: grey * (1 / 256)).convert("L")
    grey = {"1": "L", "L": "L", "LA": "LA"}.get(picture.mode)
    wanted = "RGBA" if picture.has_transparency_data and grey != "LA" else grey or "RGB"
    return picture if picture.mode == wanted else picture.convert(wanted)


def _encoded(picture: "Image", kind: FileKind) -> bytes:
    """The file of a picture, smaller where it would not fit."""
    for side in SIDES:
        picture.thumbnail((side, side))
        out = BytesIO()
        picture.save(out, kind.upper(), quality=QUALITY)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()
