"""Addresses that try to lead a browser elsewhere: a few hundred, by every trick that has fooled a service before."""

from itertools import product

FOREIGN = (
    "evil.example",
    "evil.example:443",
    "localhost@evil.example",
    "[::1]",
    "evil%E3%80%82example",
    "evil。example",
)
STARTS = (
    "//", "///", "/\\", "\\\\", "\\/", "/\t/", "/\n/", "/\r\n/", "\t//", " //", "\x00//", "/%09/", "/%2f", "/%2F%2F",
    "/%5c", "/%5C%5C", "https:", "https:/", "https://", "HTTPS://", "http:\\\\", "//\\", "/.//", "/..//", "/./\\",
    "／／", "/\u00a0/", "/\u202e//", "/\ufeff//", "x:", "@", "/@", "?//", "#//", "/;//", "/desk/..//", "/desk/%2e%2e//",
)  # fmt: skip
ALONE = (
    "javascript:alert(7)", "JavaScript:alert(7)", "java\nscript:alert(7)", "\x01javascript:alert(7)",
    "data:text/html,<script>alert(7)</script>", "vbscript:x", "blob:https://evil.example/x", "mailto:a@evil.example",
    "ftp://evil.example", "/desk\r\nLocation: https://evil.example", "/desk%0d%0aLocation:%20https://evil.example",
    "/desk\r\n\r\n<script>alert(7)</script>", "/desk@evil.example", "/desk?next=//evil.example\n", "/desk#\r\nx",
    "evil.example", "./evil.example", ".evil.example", "", ".", "..", "/" + "a" * 3000, "/static/broker.css",
    "/no-such-page", "/desk/", "/sign-out", "//evil.example?what=check", "/desk?what=anything",
)  # fmt: skip
HOSTILE_ADDRESSES = [*(start + host for start, host in product(STARTS, FOREIGN)), *ALONE]
NAMES = ("next", "url", "redirect", "redirect_to", "return_to", "return", "continue", "wanted", "back", "r")
