"""What is one person's own on a page that is drawn once for all who stand where they stand: gaps, filled for each.

A gap is a word that nobody can guess, so nobody can type it into a page.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from flask import g
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from broker.domain.permissions import Actor

NAME, CSRF_TOKEN, ONE_TIME_KEY = (secrets.token_hex(16) for _ in range(3))
_GAPS = re.compile(f"({NAME}|{CSRF_TOKEN}|{ONE_TIME_KEY})")
Parts = Sequence[str]


def new_key() -> str:
    """The key by which a form that is sent twice is known."""
    return secrets.token_urlsafe(16)


def standing_like(actor: Actor) -> Actor:
    """Nobody in particular, who may see and do what this person may."""
    return replace(actor, user_id=None, name=NAME)


@contextmanager
def left_for(anybody: Actor) -> Iterator[None]:
    """Until its end this request draws for anybody who stands like that."""
    g.anybody = anybody
    try:
        yield
    finally:
        g.pop("anybody")


def csrf_token() -> str:
    return CSRF_TOKEN if "anybody" in g else generate_csrf()


def one_time_key() -> str:
    return ONE_TIME_KEY if "anybody" in g else new_key()


def parted(page: str) -> Parts:
    """The page cut at its gaps; every second part is one."""
    return _GAPS.split(page)


def filled(parts: Parts, name: str) -> str:
    """The page for the person of this request, who has this name."""
    own = {NAME: str(escape(name)), CSRF_TOKEN: generate_csrf()}
    return "".join(part if at % 2 == 0 else own[part] if part in own else new_key() for at, part in enumerate(parts))
