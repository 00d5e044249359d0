"""What the browser of this request tells of itself, told so coarsely that it says which one and no more."""

from ipaddress import IPv6Address, ip_address

from flask import request

from broker.domain.sign_ins import Browser
from broker.domain.tries import whence

# The first mark found decides: a browser also carries the names of those it wants to be taken for.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def this_browser() -> Browser:
    """The browser that sent this request."""
    return Browser(name_of(request.user_agent.string), place_of(request.remote_addr), whence(request.remote_addr))


def name_of(agent: str) -> str:
    """Such as 'Firefox on Windows'."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "Another browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def place_of(address: str | None) -> str:
    """The first part of an internet address: about which network, never which house."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return ":".join(found.exploded.split(":")[:3]) + ":…"
    return ".".join(str(getattr(found, "ipv4_mapped", None) or found).split(".")[:2]) + ".…"
