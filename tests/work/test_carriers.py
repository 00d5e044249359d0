"""Letters reach a mail server, GOV.UK Notify or a folder; what cannot be taken now waits, what never will does not."""

import json
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from broker.work.carriers import Away, Letter, Refused, open_carrier, wrong_with
from tests.work.mail_kills import post_office

LETTER = Letter(
    7, "ab" * 16, "ann@example.org", "Zoë’s chairs", "Hello\n\nTen chairs\n", "<p>Ten chairs</p>", "http://x/s"
)


def use(app: Flask, **settings: object) -> None:
    app.config.update(settings)


def send(letter: Letter = LETTER) -> None:
    with open_carrier() as deliver:
        deliver(letter)


class Server:
    """A mail server that keeps what it takes and answers as it is told to."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answers.get("data", "250 OK")


@pytest.fixture
def server(database: Flask) -> Iterator[Server]:
    made = Server()
    with post_office(made) as port:
        use(database, MAIL="smtp", SMTP_HOST="127.0.0.1", SMTP_PORT=port, MAIL_FROM="no-reply@thread.example.org")
        yield made


def test_a_mail_server_gets_the_whole_letter(server: Server) -> None:
    send()
    (message,) = server.taken
    assert message["Message-ID"] == f"<{LETTER.message_id}@thread.example.org>"
    assert message["From"] == "Common Thread <no-reply@thread.example.org>"
    assert (message["To"], message["Subject"]) == (LETTER.to, LETTER.subject)
    assert (message["List-Unsubscribe"], message["Auto-Submitted"]) == ("<http://x/s>", "auto-generated")
    assert message.get_body(("plain",)).get_content().split() == ["Hello", "Ten", "chairs"]
    assert "<p>Ten chairs</p>" in message.get_body(("html",)).get_content()


@pytest.mark.parametrize("where", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "problem"),
    [("550 no such person", Refused), ("451 come again", smtplib.SMTPException), ("421 closing", Away)],
)
def test_what_a_mail_server_answers(server: Server, where: str, answer: str, problem: type[Exception]) -> None:
    server.answers[where] = answer
    with pytest.raises(problem):
        send()


@pytest.mark.parametrize(
    "address", ["ann@example.org\r\nBcc: victim@example.org", "ann@example.org\nX: y", "", "no one"]
)
def test_an_address_cannot_carry_a_header(server: Server, address: str) -> None:
    with pytest.raises(Refused):
        send(Letter(7, "ab" * 16, address, "Subject", "Text", "<p>Text</p>"))
    assert server.taken == []


def test_a_subject_cannot_carry_a_header(server: Server) -> None:
    with pytest.raises(Refused):
        send(Letter(7, "ab" * 16, "ann@example.org", "Hello\r\nBcc: victim@example.org", "Text", "<p>Text</p>"))
    assert server.taken == []


def test_a_mail_server_that_is_not_there_is_away(database: Flask) -> None:
    with post_office(Server()) as port:
        pass
    use(database, MAIL="smtp", SMTP_HOST="127.0.0.1", SMTP_PORT=port, MAIL_FROM="no-reply@example.org")
    with pytest.raises(Away):
        send()


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_mail_server_without_tls_gets_nothing_where_tls_is_asked_for(
    server: Server, database: Flask, tls: str
) -> None:
    use(database, SMTP_TLS=tls)
    with pytest.raises(Away):
        send()
    assert server.taken == []


WRONG: list[tuple[dict[str, object], str]] = [
    ({"MAIL": "pigeon"}, "BROKER_MAIL is 'pigeon'"),
    ({"MAIL": "smtp"}, "BROKER_SMTP_HOST and BROKER_MAIL_FROM"),
    ({"MAIL": "smtp", "SMTP_HOST": "mail.council.example"}, "BROKER_MAIL_FROM"),
    ({"MAIL": "notify", "NOTIFY_KEY": "k"}, "BROKER_NOTIFY_TEMPLATE"),
    ({"MAIL": "smtp", "SMTP_HOST": "m", "MAIL_FROM": "a@b", "SMTP_TLS": "ssl"}, "BROKER_SMTP_TLS"),
    ({"MAIL": "smtp", "SMTP_HOST": "m", "MAIL_FROM": "a@b", "SMTP_TLS": "off", "SMTP_USER": "u"}, "unprotected"),
]


@pytest.mark.parametrize(("settings", "words"), WRONG)
def test_what_is_missing_is_said_by_the_name_of_its_setting(
    database: Flask, settings: dict[str, object], words: str
) -> None:
    assert words in wrong_with(settings)
    use(database, **settings)
    with pytest.raises(Away, match="BROKER_"):
        send()


def test_nothing_is_missing_for_the_folder(database: Flask) -> None:
    assert wrong_with(database.config) == ""
    send()
    send()
    folder = Path(database.config["MAIL_FOLDER"])
    assert [file.name for file in folder.iterdir()] == ["7.eml"], "sent twice it is one file"
    assert (folder / "7.eml").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


class Notify:
    """A stand-in for GOV.UK Notify: keeps what it is sent, finds it again, answers as it is told to."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.status = 201


@pytest.fixture
def notify(database: Flask) -> Iterator[Notify]:
    made = Notify()
    with _served(made) as address:
        key = f"team-{'0' * 8}-0000-0000-0000-{'0' * 12}-{'1' * 8}-1111-1111-1111-{'1' * 12}"
        use(database, MAIL="notify", NOTIFY_URL=address, NOTIFY_KEY=key, NOTIFY_TEMPLATE="t-1")
        yield made


@contextmanager
def _served(notify: Notify) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.path.rpartition("reference=")[2].partition("&")[0]
            self._answer(200, {"notifications": [each for each in notify.sent if each["reference"] == wanted]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if notify.status == 201:
                notify.sent.append(body)
            self._answer(notify.status, {"id": "1", "errors": [{"error": "E", "message": "M"}]})

        def _answer(self, status: int, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_notify_gets_a_letter_once_however_often_it_is_sent(notify: Notify) -> None:
    send()
    send()
    (sent,) = notify.sent
    assert (sent["email_address"], sent["template_id"], sent["reference"]) == (LETTER.to, "t-1", LETTER.message_id)
    assert sent["personalisation"] == {"subject": LETTER.subject, "body": LETTER.text}


@pytest.mark.parametrize(("status", "problem"), [(400, Refused), (403, Away), (429, Away), (500, Away)])
def test_what_notify_answers(notify: Notify, status: int, problem: type[Exception]) -> None:
    notify.status = status
    with pytest.raises(problem):
        send()


def test_without_the_package_notify_says_what_to_install(notify: Notify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "notifications_python_client.notifications", None)
    with pytest.raises(Away, match="install notifications-python-client"):
        send()
