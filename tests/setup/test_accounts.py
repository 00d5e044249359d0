"""Whoever makes an account from the command line can hand its link on as it is printed."""

import re

import pytest
from flask import Flask

from broker import create_app
from tests.conftest import PageChecker

COMMAND = ["user", "create", "ann@example.org", "--role", "administrator"]


@pytest.mark.parametrize("base", ["https://thread.council.example", "https://thread.council.example/"])
def test_the_link_is_whole_where_the_address_is_known(app: Flask, base: str) -> None:
    known = create_app({"TESTING": True, "SECRET_KEY": "t" * 40, "BASE_URL": base})
    said = known.test_cli_runner().invoke(args=COMMAND).output
    assert re.search(r"^https://thread\.council\.example/set-password/[\w-]+$", said, re.MULTILINE), said
    assert "BROKER_BASE_URL" not in said


def test_where_it_is_not_known_the_command_says_what_to_put_in_front(app: Flask, client: PageChecker) -> None:
    said = app.test_cli_runner().invoke(args=COMMAND).output
    assert "Put in front of it the address" in said
    assert "BROKER_BASE_URL" in said
    link = re.search(r"^/set-password/[\w-]+$", said, re.MULTILINE)
    assert link, said
    assert "ann@example.org" in client.get(link.group()).text
