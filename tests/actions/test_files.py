"""Files as they are taken in: a picture is drawn anew, and nothing hostile costs more than a look."""

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from broker.actions import files
from broker.actions.files import SIDES, cleaned
from broker.domain.files import LARGEST, FileRefused, Upload
from broker.domain.kinds import FileKind
from tests import hostile_files as hostile
from tests.hostile_files import JPEG

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def stripes(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """White above, black below."""
    picture = Image.new(mode, size)
    picture.paste(Image.new(mode, (size[0], size[1] // 2), 65535 if mode == "I;16" else "white"))
    return picture


def light(picture: Image.Image, x: int, y: int) -> bool:
    return picture.convert("RGB").getpixel((x, y))[0] > 200  # type: ignore[index]


def test_a_photo_keeps_what_it_shows_and_nothing_else() -> None:
    exif = Image.Exif()
    exif[MAKER] = "SECRET-CAMERA"
    exif[GPS] = {1: "N", 2: (51.0, 45.0, 7.0), 3: "W", 4: (1.0, 15.0, 28.0)}
    sent = saved(stripes(), "JPEG", exif=exif, comment=b"SECRET-REMARK", icc_profile=b"SECRET-PROFILE")
    done = cleaned(Upload(sent + b"PK\x03\x04SECRET-BEHIND", "Our garden.JPEG", "image/jpeg"))
    assert (done.kind, done.name) == (FileKind.JPEG, "Our garden.jpg")
    assert b"SECRET" in sent
    assert b"SECRET" not in done.content
    assert b"Exif" not in done.content
    assert done.content.endswith(b"\xff\xd9")
    assert not opened(done.content).getexif()
    assert light(opened(done.content), 30, 5)
    assert not light(opened(done.content), 30, 35)


def test_a_screen_shot_loses_its_remarks_too() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "SECRET-NAME")
    told.add_itxt("XML:com.adobe.xmp", "SECRET-XMP", zip=True)
    exif = Image.Exif()
    exif[MAKER] = "SECRET-CAMERA"
    sent = saved(stripes(mode="RGBA"), "PNG", pnginfo=told, exif=exif, dpi=(300, 300)) + b"<script>SECRET</script>"
    done = cleaned(Upload(sent, "shot.png", "image/png"))
    read = opened(done.content)
    read.load()
    assert read.info == {}
    assert b"SECRET" not in done.content
    assert done.content[-8:-4] == b"IEND"


@pytest.mark.parametrize(("turned", "light_at"), [(1, (30, 5)), (3, (30, 35)), (6, (35, 30)), (8, (5, 30))])
def test_a_photo_taken_sideways_stands_upright(turned: int, light_at: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    for kind, name in (("JPEG", "photo.jpg"), ("PNG", "photo.png")):
        done = opened(cleaned(Upload(saved(stripes(), kind, exif=exif), name)).content)
        assert done.size == ((40, 60) if turned in (6, 8) else (60, 40))
        assert light(done, *light_at)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_colour_shows_what_it_showed(mode: str) -> None:
    picture = stripes().convert("P") if mode == "P" else stripes(mode=mode)
    done = opened(cleaned(Upload(saved(picture, "PNG"), "shot.png", "image/png")).content)
    assert done.mode in ("L", "LA", "RGB", "RGBA")
    assert light(done, 30, 5)
    assert not light(done, 30, 35)


def test_a_photo_in_printers_colours_is_taken() -> None:
    done = opened(cleaned(Upload(saved(stripes(mode="CMYK"), "JPEG"), "photo.jpg")).content)
    assert done.mode == "RGB"
    assert light(done, 30, 5) != light(done, 30, 35)


def test_sixteen_bits_of_grey_stay_grey() -> None:
    grey = Image.new("I;16", (8, 8), 128 * 256)
    done = opened(cleaned(Upload(saved(grey, "PNG"), "scan.png")).content)
    assert done.getpixel((4, 4)) == 128


def test_of_two_pictures_in_one_photo_the_first_is_kept() -> None:
    """As telephones send them that also keep the depth."""
    sent = saved(stripes((4032, 3024)), "MPO", save_all=True, append_images=[stripes()])
    done = cleaned(Upload(sent, "photo.jpg", "image/jpeg"))
    assert opened(done.content).format == "JPEG"
    assert opened(done.content).size == (2000, 1500)


def test_a_large_photo_becomes_as_large_as_is_kept() -> None:
    sent = saved(Image.new("L", (8000, 6000), 200), "JPEG")
    done = cleaned(Upload(sent, "photo.jpg"))
    assert max(opened(done.content).size) == SIDES[0]
    assert len(done.content) < LARGEST


def test_what_grows_by_being_drawn_anew_is_drawn_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 30_000)
    monkeypatch.setattr(files, "SIDES", (240, 160, 100))
    done = cleaned(Upload(saved(Image.effect_noise((300, 300), 120), "PNG"), "noise.png"))
    assert max(opened(done.content).size) == 160
    assert len(done.content) <= 30_000


def test_the_same_photo_sent_twice_is_the_same_file() -> None:
    first, again = (cleaned(Upload(JPEG, name, "image/jpeg")) for name in ("a.jpg", "b.jpg"))
    assert first.sha256 == again.sha256
    assert len(first.sha256) == 64


@pytest.mark.parametrize("bomb", hostile.files(), ids=lambda each: each.name)
def test_a_hostile_file_is_refused_or_made_harmless(bomb: hostile.Hostile) -> None:
    """Refused with the code that is due; or what is kept is a picture and nothing more."""
    if bomb.code is None:
        done = cleaned(bomb.upload)
        assert hostile.MARK not in done.content
        assert opened(done.content).format == done.kind.upper()
        return
    with pytest.raises(FileRefused) as refused:
        cleaned(bomb.upload)
    assert refused.value.code == bomb.code


def test_there_are_enough_hostile_files() -> None:
    assert len(hostile.files()) >= 50
    assert {each.code for each in hostile.files()} >= {None, "damaged", "too_many_pixels", "moving", "two_in_one"}


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_hostile_files_take_no_memory() -> None:
    """A process that meets them all never grows by 64 MiB."""
    done = subprocess.run([sys.executable, "-m", "tests.hostile_files"], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 64 * 1024, f"{int(done.stdout) // 1024} MiB"
