"""HTTP over plain sockets: one request at a time, or many whose last bytes leave at the same moment."""

import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from types import SimpleNamespace
from urllib.parse import urlencode, urljoin

HOST = "127.0.0.1"
PATIENCE = 60.0
GONE = (OSError, HTTPException)
"""What a call ends with where nobody answers, or somebody stopped in the middle."""


@dataclass(frozen=True)
class Answer:
    """What came back. The names that a test client's answer has, so that a visitor can read it."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes
    path: str
    seconds: float = 0.0

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def request(self) -> SimpleNamespace:
        return SimpleNamespace(full_path=self.path)

    def get_data(self, as_text: bool = True) -> str:
        return self.body.decode()


class Browser:
    """Somebody's browser, as far as a server can tell: its cookies, and a new connection for each request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def get(self, path: str, follow_redirects: bool = False) -> Answer:
        return self._send("GET", path, None, follow_redirects)

    def post(self, path: str, data: object = None, follow_redirects: bool = False) -> Answer:
        return self._send("POST", path, data, follow_redirects)

    def request(self, method: str, path: str, data: object = None) -> bytes:
        """What goes over the line."""
        pairs = list(data.items(multi=True)) if hasattr(data, "items") and hasattr(data, "getlist") else data or {}
        body = urlencode(pairs).encode() if method == "POST" else b""  # type: ignore[arg-type]
        head = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", "Connection: close"]
        if self.cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body

    def _send(self, method: str, path: str, data: object, follow: bool) -> Answer:
        began = time.monotonic()
        with connect(self.port) as line:
            line.sendall(self.request(method, path, data))
            answer = read(line, path, began)
        self._keep_cookies(answer)
        if follow and answer.status_code in (302, 303):
            return self._send("GET", urljoin(path, answer.location), None, follow)
        return answer

    def _keep_cookies(self, answer: Answer) -> None:
        for each in answer.headers.get("Set-Cookie", "").split("\n"):
            name, _, value = each.partition(";")[0].partition("=")
            if name:
                self.cookies[name] = value


def connect(port: int, patience: float = PATIENCE) -> socket.socket:
    line = socket.create_connection((HOST, port), timeout=patience)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def read(line: socket.socket, path: str = "", began: float | None = None) -> Answer:
    """The whole answer that comes down this line."""
    response = HTTPResponse(line)
    response.begin()
    body = response.read()
    headers = {name: "\n".join(response.headers.get_all(name, [])) for name in set(response.headers)}
    seconds = time.monotonic() - began if began else 0.0
    return Answer(response.status, headers, body, path, seconds)


def together(port: int, requests: Sequence[bytes]) -> list[Answer]:
    """Send all of these so that they end at the same moment: each waits on its own line for its last byte."""
    with ExitStack() as stack:
        lines = [stack.enter_context(connect(port)) for _ in requests]
        for line, request in zip(lines, requests, strict=True):
            line.sendall(request[:-1])
        time.sleep(0.05)  # for the server to have read them all, as it would have on a quiet machine
        began = time.monotonic()
        for line, request in zip(lines, requests, strict=True):
            line.send(request[-1:])
        return [read(line, began=began) for line in lines]
