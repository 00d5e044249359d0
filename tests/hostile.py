"""What hostile people send: values, bodies and queries, every sort once or drawn at random."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from tests.doors import URLENCODED, Door, form_encoded

LONG = 100_000
TEXTS = [
    "", "   ", "\u00a0\u2003\u200b", "\x00", "a\x00b\x1b[31m", "a\u0085b\x9f", "\ufdd0\ufffe\U0010ffff", "\ud800",
    "\udfff\ud800",
    "🎈" * 50, "👩‍👩‍👧‍👦", "\u202egnp.exe", "مرحبا بكم", "e\u0301" * 200, "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0",
    "-2+3",
    "<script>alert(7)</script>", '"><img src=x onerror=alert(7)>', "'><i id=hostile>", '" onmouseover="alert(7)',
    "{{7*7}}", "{% include 'base.html' %}", "' OR 1=1 --", "'; DROP TABLE user;--", "%", "_", "\\",
    "\r\nSet-Cookie: a=b",
    "javascript:alert(7)", "//evil.example", "../../../etc/passwd", "None", "null", "[]", "a@b", "a@" + "b" * 300,
    "a@xn--" + "b" * 50, "@", "QM1 1AA", "M33", "y", "need", "open", "confirmed",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "-1", "1", "2", "31", "13", "99999", "2027", "0.001", "1e309", "1e-400", "NaN", "sNaN", "-Infinity",
    "٣", "½", "²",
    "99999999999999999999", "9" * 5000, "0x10", "1_000", "1,2,3", "£", ",", ".", "1.", ".5", "+5", " 7 ",
    "9223372036854775808",
]  # fmt: skip
ALL_AT_ONCE = [
    "<script>alert(7)</script>", '"><img src=x onerror=alert(7)>', "a\x00\u0085\ufdd0\ud800\u202eb", "1e309", "٣",
    "x" * 9000, "9" * 5000,
]  # fmt: skip
HOSTILE = [*TEXTS, *NUMBERS, "x" * LONG, "é" * 10_001, "<b>" * 3000, "a " * 5000]
ODD_NAMES = [
    "junk",
    "",
    "\x00",
    "title[]",
    "csrf_token",
    "next",
    "deed",
    "version",
    "membership",
    "note",
    "_method",
    "q" * 999,
]
QUERY = [
    "q", "kind", "support", "authority", "ward", "theme", "lane", "near", "within", "since", "until", "led", "order",
    "page", "what",
    "state", "search", "with", "organisation", "answers", "side", "why", "which", "junk", "next",
]  # fmt: skip
QUERY_VALUES = [
    *HOSTILE, "X99000001", "nearest", "soonest", "2027-02-31", "31 2 2027", "0 0 0", "9999-12-31", "0001-01-01",
    "1" + "0" * 30, "1000", "999999", "submitted", "broker", "25", "QM1",
]  # fmt: skip


def typed(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"data": form_encoded(pairs), "content_type": URLENCODED}


def multipart(pairs: Iterable[tuple[str, str]], as_files: bool = False) -> dict[str, Any]:
    name = '; filename="a.csv"' if as_files else ""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"{name}\r\n\r\n'.encode("utf-8", "surrogatepass")
        + value.encode("utf-8", "surrogatepass")
        + b"\r\n"
        for key, value in pairs
    ]
    return {"data": b"".join(parts) + b"--edge--\r\n", "content_type": "multipart/form-data; boundary=edge"}


def bodies(door: Door) -> Iterator[tuple[str, dict[str, Any]]]:
    """One of every sort of bad post, all fields at once."""
    names = [name for name, _ in door.plain] or ["junk"]
    for value in ALL_AT_ONCE:
        yield f"all {value[:20]!r}", typed((name, value) for name in names)
    yield "none", {"data": b"", "content_type": URLENCODED}
    yield "twice", typed([*door.plain, *((name, "again") for name in names)])
    yield "files", multipart(door.plain or [("junk", "1")], as_files=True)
    yield "json", {"json": dict.fromkeys(names, 7)}
    yield "json list", {"json": [1, "two"]}
    yield (
        "bytes",
        {"data": b"&".join(form_encoded([(n, "")]) + b"\xff\xfe%ff%C3" for n in names), "content_type": URLENCODED},
    )
    yield "no edge", {"data": b"title=1", "content_type": "multipart/form-data"}


# Where random letters come from: signs that mean something somewhere, controls, letters, all there is with its halves.
LETTERS = ((0x20, 0x40), (0x00, 0x20), (0x7F, 0x500), (0x2000, 0x2070), (0x00, 0x110000))


def drawn_value(draw: Random, good: str = "") -> str:
    """Hostile as it stands, two of them joined, a good value with a hostile one in its midst, or letters at random."""
    sort = draw.randrange(4)
    if sort == 0:
        return draw.choice(HOSTILE)
    if sort == 1:
        return draw.choice(HOSTILE)[:3000] + draw.choice(HOSTILE)[:3000]
    if sort == 2:
        cut = draw.randint(0, len(good))
        return good[:cut] + draw.choice(HOSTILE)[: draw.choice((1, 3, 3000))] + good[cut:]
    return "".join(chr(draw.randrange(*draw.choice(LETTERS))) for _ in range(draw.randint(1, 40)))


def drawn_post(draw: Random, door: Door) -> dict[str, Any]:
    """A good post with up to four fields made bad, some left out, some sent twice, some that no form has."""
    good = list(door.plain) or [("junk", "1")]
    bad = {draw.randrange(len(good)) for _ in range(draw.randint(1, 4))}
    pairs = [(name, drawn_value(draw, value) if at in bad else value) for at, (name, value) in enumerate(good)]
    pairs = [pair for at, pair in enumerate(pairs) if at in bad or draw.random() > 0.05]
    pairs += [(draw.choice(ODD_NAMES), drawn_value(draw)) for _ in range(draw.randint(0, 2))]
    pairs += draw.choices(pairs, k=draw.randint(0, 2))
    return typed(pairs) if draw.random() < 0.5 else multipart(pairs, as_files=draw.random() < 0.1)


def drawn_query(draw: Random) -> str:
    """What stands behind the question mark, sometimes with bytes that are no text."""
    pairs = [
        (draw.choice(QUERY), draw.choice(QUERY_VALUES) if draw.random() < 0.5 else drawn_value(draw, "QM1 1AA"))
        for _ in range(draw.randint(1, 5))
    ]
    query = form_encoded((name, value[:1500]) for name, value in pairs).decode()
    return query + draw.choice(("", "", "&q=\xff\xfe%ff%C3"))
