"""What was written to people, to look into while developing: letters in the folder, for this machine's own browser."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from broker.web.guard import public
from broker.web.saying import day

bp = Blueprint("post", __name__, url_prefix="/post")

NEAR = frozenset({"127.0.0.1", "::1"})
MOST = 200


class Written(NamedTuple):
    """A letter in the folder: its number, its headers and its words."""

    number: int
    to: str
    subject: str
    date: str
    text: str
    html: str


@bp.get("")
@public
def index() -> str:
    _only_here()
    numbers = sorted((int(file.stem) for file in _folder().glob("[0-9]*.eml")), reverse=True)
    letters = [letter for letter in map(_read, numbers[:MOST]) if letter]
    return render_template("letters/post.html", letters=letters, total=len(numbers))


@bp.get("/<id:number>")
@public
def show(number: int) -> str:
    return render_template("letters/letter.html", letter=_letter(number))


@bp.get("/<id:number>/page")
@public
def page(number: int) -> ResponseReturnValue:
    return _letter(number).html


def _letter(number: int) -> Written:
    _only_here()
    return _read(number) or abort(404)


def _only_here() -> None:
    """Letters hold secrets, such as the link that sets a password: never in production, never to another machine."""
    settings = current_app.config
    if settings["MAIL"] != "folder" or settings["ENV"] == "production" or request.remote_addr not in NEAR:
        abort(404)


def _folder() -> Path:
    return Path(current_app.config["MAIL_FOLDER"])


def _read(number: int) -> Written | None:
    try:
        message = message_from_bytes((_folder() / f"{number}.eml").read_bytes(), policy=policy.default)
    except FileNotFoundError:
        return None
    words = [_words(message, kind) for kind in ("plain", "html")]
    return Written(number, str(message["To"]), str(message["Subject"]), _moment(message), *words)


def _moment(message: EmailMessage) -> str:
    written = message["Date"].datetime
    return f"{day(written)}, {written:%H:%M}"


def _words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
