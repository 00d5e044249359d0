"""What can be sent as a file is bounded, and whatever is no list and no framework is not taken."""

import bz2
import gzip
import lzma
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from broker.domain import importing
from broker.domain.sheets import LARGEST_FILE, LONGEST_LINE, MOST_LINES, Unreadable
from broker.store.base import db
from broker.store.frameworks import Framework
from broker.store.imports import Import
from tests import make
from tests.conftest import PageChecker

pytestmark = pytest.mark.any_database
MEGABYTE = 1024 * 1024
ROOM = LARGEST_FILE - 2000  # what a form of 8 MB has room for
LIST = b"id,kind,title\n1,need,Ten chairs\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def packed(**files: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def picture(width: int, height: int) -> bytes:
    """A PNG that says it is this large, and holds next to nothing."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 999))]
    told = [struct.pack(">I", len(data)) + kind + data + b"\0\0\0\0" for kind, data in [*chunks, (b"IEND", b"")]]
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


BOMB = b"\0" * (20 * MEGABYTE)
WORKBOOK = packed(**{"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": BOMB})
HOSTILE = {
    "zip bomb": packed(**{f"{number}.csv": BOMB for number in range(4)}),
    "zip of a zip bomb": packed(inner=packed(inner=packed(a=BOMB))),
    "zip that climbs": packed(**{"../../etc/passwd": LIST}),
    "workbook bomb": WORKBOOK,
    "old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
    "gzip bomb": gzip.compress(BOMB),
    "bzip2 bomb": bz2.compress(BOMB),
    "xz bomb": lzma.compress(BOMB),
    "pixel bomb": picture(60_000, 60_000),
    "wide pixel bomb": picture(2**31 - 1, 1),
    "picture and list": b"GIF89a" + LIST,
    "picture, then list": picture(1, 1) + b"\n" + LIST,
    "photograph": b"\xff\xd8\xff\xe0\0\x10JFIF" + LIST,
    "document": b"%PDF-1.7\n" + LIST,
    "workbook, then list": WORKBOOK + b"\n" + LIST,
    "drawing": SVG,
    "drawing and list": SVG + b"\n" + LIST,
    "page": b"<!doctype html><script>alert(1)</script>",
    "page and list": b"<!doctype html>\n" + LIST,
    "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    "program": b"\x7fELF\x02\x01\x01" + b"\0" * 500,
    "program of Windows": b"MZ\x90\0" + b"\0" * 500,
    "nothing but zeros": b"\0" * MEGABYTE,
    "lines": LIST + b"a\n" * (ROOM // 2 - 50),
    "empty lines": LIST + b"\n" * (ROOM - 50),
    "lines of an old Mac": LIST + b"a\r" * (ROOM // 2 - 50),
    "columns": b"id,kind,title," + b"".join(b"%d," % number for number in range(900_000)),
    "cells": LIST + b"," * (ROOM - 50),
    "marks": LIST + b'"' * (ROOM - 50),
    "arrays": b"a = " + b"[" * 200_000,
    "tables": b"a = " + b"{b=" * 100_000,
}


@pytest.mark.parametrize("path", ["/imports", "/frameworks/add"])
def test_nothing_hostile_is_taken(app: Flask, sign_in: Callable[[int], PageChecker], path: str) -> None:
    with app.app_context():
        person = (make.officer(make.authority()) if path == "/imports" else make.administrator()).id
        db.session.commit()
    browser = sign_in(person)
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(Framework))
    for what, content in HOSTILE.items():
        assert len(content) <= LARGEST_FILE, what
        for name in ("list.csv", "list.csv.toml"):
            edge, body = encode_multipart({"file": FileStorage(BytesIO(content), name)})
            answer = browser.post(path, data=body, content_type=f"multipart/form-data; boundary={edge}")
            assert answer.status_code == 422, what
            assert "<script>alert" not in answer.text, what
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Import)) == 0
        assert db.session.scalar(select(func.count()).select_from(Framework)) == before


def test_reading_a_file_takes_a_bounded_room() -> None:
    """The bombs are refused before they swell, and the largest good file stays below the bound."""
    largest = LIST + (b"2,need,%s\n" % (b"a" * 150)) * (LARGEST_FILE // 165)
    for content in (*HOSTILE.values(), largest):
        tracemalloc.start()
        try:
            importing.check(content)
        except Unreadable:
            pass
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert peak < 64 * MEGABYTE, content[:40]


@pytest.mark.parametrize(
    "content",
    [LIST + b"\n" * (MOST_LINES + 1), LIST + b"a" * (LONGEST_LINE + 1), b"id,kind,title" + b"," * 20_000],
)
def test_what_would_swell_is_refused_with_its_reason(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"lines|too long"):
        importing.check(content)
    assert importing.check(LIST + b"\n" * 1000) is None
