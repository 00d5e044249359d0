"""Templates are compiled once for each installation, and a page comes whatever becomes of the compiled code."""

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemBytecodeCache

from broker import create_app

PAGE = "/accessibility"


def kept(app: Flask) -> list[Path]:
    return list((Path(app.instance_path) / "templates").iterdir())


def test_the_next_start_compiles_nothing_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = app.test_client().get(PAGE)
    assert first.status_code == 200
    assert kept(app)
    monkeypatch.setattr(Environment, "compile", lambda *_: pytest.fail("a template was compiled again"))
    assert create_app().test_client().get(PAGE).status_code == 200


def test_a_full_disk_keeps_nobody_from_a_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemBytecodeCache, "dump_bytecode", full)
    assert app.test_client().get(PAGE).status_code == 200
    assert kept(app) == []


def test_what_is_broken_off_is_compiled_anew(app: Flask) -> None:
    app.test_client().get(PAGE)
    for file in kept(app):
        file.write_bytes(file.read_bytes()[:-40])
    assert create_app().test_client().get(PAGE).status_code == 200
