"""A partnership as a calendar file (RFC 5545): its first day, its review and its last day, as whole days."""

from datetime import UTC, date, datetime, timedelta

LINE = 75  # octets, the line end not counted


def calendar(events: list[tuple[str, date, str, str]], at: datetime) -> str:
    """A calendar of whole-day events: (unique id, day, title, text)."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Brokerage//Partnerships//EN", "CALSCALE:GREGORIAN"]
    for uid, day, title, text in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escape(title)}",
            f"DESCRIPTION:{escape(text)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{fold(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def escape(text: str) -> str:
    """Text as a calendar value: backslash, semicolon, comma and line end are escaped, other control marks dropped."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for mark in ("\\", ";", ","):
        plain = plain.replace(mark, "\\" + mark)
    return "".join(c for c in plain.replace("\n", "\\n") if c.isprintable())


def fold(line: str) -> str:
    """A long line in pieces of at most 75 octets, never through the middle of a letter."""
    pieces, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE:
            pieces.append("")
            size = 1  # the blank that continues a line
        pieces[-1] += letter
        size += width
    return "\r\n ".join(pieces)
