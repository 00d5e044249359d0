"""Who takes a letter: a mail server, GOV.UK Notify, a folder to look into, or the memory of a test."""

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from broker.domain.clock import now

SECONDS = 10  # until a mail server that does not answer counts as away
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
KEPT_IN_MEMORY = "broker.letters"  # where an app under test finds them


UNFOLDED = SMTP.clone(max_line_length=998)  # where the library folds a subject with accents, it loses a blank


class Away(Exception):
    """The carrier cannot be reached, or is not set up: no fault of the letter, which waits."""


class Refused(Exception):
    """This letter will never be taken, such as for an address that does not exist."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent. `number` is its row in the outbox; `message_id` is the same however often it is sent."""

    number: int
    message_id: str
    to: str
    subject: str
    text: str
    html: str
    stop_url: str | None = None


Deliver = Callable[[Letter], None]
Settings = Mapping[str, Any]


def open_carrier() -> AbstractContextManager[Deliver]:
    """The carrier that BROKER_MAIL names, ready to take letters one by one. Away where it cannot be had."""
    settings = current_app.config
    wrong = wrong_with(settings)
    if wrong:
        raise Away(wrong)
    return CARRIERS[settings["MAIL"]](settings)


def wrong_with(settings: Settings) -> str:
    """What is missing before letters can go out, as a sentence that names the setting; '' where nothing is."""
    way = settings["MAIL"]
    if way not in CARRIERS:
        return f"BROKER_MAIL is {way!r}; it can be smtp, notify or folder."
    missing = [name for name in NEEDED.get(way, ()) if not settings.get(name)]
    if missing:
        return f"BROKER_MAIL is {way}, so set {' and '.join(f'BROKER_{name}' for name in missing)}."
    if way == "smtp" and _tls(settings) not in ("starttls", "implicit", "off"):
        return "BROKER_SMTP_TLS can be starttls, implicit or off."
    if way == "smtp" and settings.get("SMTP_USER") and _tls(settings) == "off" and not _is_near(settings):
        return (
            "BROKER_SMTP_TLS is off, so the mail server's password would travel unprotected. Use starttls or implicit."
        )
    return ""


def sender_of(settings: Settings) -> str:
    """The address that letters come from: BROKER_MAIL_FROM, or no-reply at the host of the service."""
    host = urlsplit(str(settings.get("BASE_URL") or "")).hostname or "localhost"
    return str(settings.get("MAIL_FROM") or f"no-reply@{host}")


def message_of(letter: Letter, settings: Settings) -> EmailMessage:
    """The letter as mail; Refused where the address is none, or where a header would hold a line break."""
    try:
        return _message(letter, settings)
    except (ValueError, LookupError, MessageError) as problem:
        raise Refused(type(problem).__name__) from problem


def _message(letter: Letter, settings: Settings) -> EmailMessage:
    sender = sender_of(settings)
    message = EmailMessage(SMTP)
    message["From"] = Address(str(settings["SERVICE_NAME"]), addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop_url:
        message["List-Unsubscribe"] = f"<{letter.stop_url}>"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message.policy = UNFOLDED
    return message


@contextmanager
def _smtp(settings: Settings) -> Iterator[Deliver]:
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException) as problem:
        raise Away(type(problem).__name__) from problem

    def deliver(letter: Letter) -> None:
        try:
            server.send_message(message_of(letter, settings))
        except smtplib.SMTPRecipientsRefused as problem:
            ((code, _words),) = problem.recipients.values()
            _sort(code, problem)
        except smtplib.SMTPResponseException as problem:
            _sort(problem.smtp_code, problem)
        except (smtplib.SMTPNotSupportedError, UnicodeError) as problem:
            raise Refused(type(problem).__name__) from problem
        except (OSError, smtplib.SMTPServerDisconnected) as problem:
            raise Away(type(problem).__name__) from problem

    try:
        yield deliver
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connect(settings: Settings) -> smtplib.SMTP:
    host, tls = str(settings["SMTP_HOST"]), _tls(settings)
    port = int(settings.get("SMTP_PORT") or {"implicit": 465, "starttls": 587}.get(tls, 25))
    if tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        if tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.get("SMTP_USER"):
            server.login(str(settings["SMTP_USER"]), str(settings.get("SMTP_PASSWORD") or ""))
    except Exception:
        server.close()
        raise
    return server


def _sort(code: int, problem: Exception) -> None:
    """A mail server says 5.. for never and 4.. for not now; 421 says that it is closing."""
    if code == 421:
        raise Away(f"SMTP {code}") from problem
    if code >= 500:
        raise Refused(f"SMTP {code}") from problem
    raise problem


def _tls(settings: Settings) -> str:
    return str(settings.get("SMTP_TLS") or ("off" if _is_near(settings) else "starttls"))


def _is_near(settings: Settings) -> bool:
    return settings.get("SMTP_HOST") in LOOPBACK


@contextmanager
def _notify(settings: Settings) -> Iterator[Deliver]:
    try:
        from notifications_python_client.errors import HTTPError
        from notifications_python_client.notifications import NotificationsAPIClient
    except ImportError as problem:
        raise Away("BROKER_MAIL is notify, so install notifications-python-client first.") from problem
    address = {"base_url": settings["NOTIFY_URL"]} if settings.get("NOTIFY_URL") else {}
    make: Any = NotificationsAPIClient
    client = make(settings["NOTIFY_KEY"], timeout=SECONDS, **address)

    def deliver(letter: Letter) -> None:
        try:
            if client.get_all_notifications(reference=letter.message_id)["notifications"]:
                return  # it was taken before, and only our note of it was lost
            client.send_email_notification(
                letter.to,
                settings["NOTIFY_TEMPLATE"],
                personalisation={"subject": letter.subject, "body": letter.text},
                reference=letter.message_id,
            )
        except HTTPError as problem:
            if problem.status_code == 400:
                raise Refused("Notify 400") from problem
            raise Away(f"Notify {problem.status_code}") from problem

    yield deliver


@contextmanager
def _folder(settings: Settings) -> Iterator[Deliver]:
    folder = Path(settings["MAIL_FOLDER"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def deliver(letter: Letter) -> None:
        whole, part = folder / f"{letter.number}.eml", folder / f"{letter.number}.part"
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(bytes(message_of(letter, settings)))
        part.replace(whole)

    yield deliver


@contextmanager
def _memory(_settings: Settings) -> Iterator[Deliver]:
    letters: list[Letter] = current_app.extensions.setdefault(KEPT_IN_MEMORY, [])
    yield letters.append


CARRIERS: dict[str, Callable[[Settings], AbstractContextManager[Deliver]]] = {
    "smtp": _smtp,
    "notify": _notify,
    "folder": _folder,
    "memory": _memory,
}
NEEDED = {"smtp": ("SMTP_HOST", "MAIL_FROM"), "notify": ("NOTIFY_KEY", "NOTIFY_TEMPLATE")}
