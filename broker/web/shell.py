"""What every page carries around its content: service name, navigation, account, the demonstration mark."""

import hashlib
from pathlib import Path

from flask import Flask, current_app, g, request
from flask_login import current_user

from broker.domain.kinds import Role
from broker.domain.permissions import Actor, can
from broker.domain.states import open_moves
from broker.store.settings import is_demonstration
from broker.web import gaps, saying, words
from broker.web.checks import background_check
from broker.web.guard import current_actor

PUBLIC_LINKS = (("/listings", "Browse"), ("/results", "Results"), ("/how-it-works", "How it works"))
LINKS: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.MEMBER: (
        ("/listings", "Browse"),
        ("/my-listings", "My listings"),
        ("/my-matches", "My matches"),
        ("/commitments", "Promises"),
        ("/my-organisation", "My organisation"),
    ),
    Role.COLLEAGUE: (("/commitments", "What you see to"),),
    Role.CONTRACT_MANAGER: (("/contracts", "Your contracts"), ("/commitments", "Promises")),
    Role.COUNCILLOR: (("/wards", "Your wards"), ("/listings", "Browse")),
    Role.OFFICER: (
        ("/desk", "Desk"),
        ("/plans", "Plans"),
        ("/listings", "Browse"),
        ("/organisations", "Organisations"),
        ("/contracts", "Contracts"),
        ("/reports", "Reports"),
        ("/imports", "Imports"),
        ("/frameworks", "Frameworks"),
        ("/synonyms", "Words"),
        ("/record", "Record"),
    ),
    Role.ADMINISTRATOR: (
        ("/administration", "Administration"),
        ("/listings", "Browse"),
        ("/frameworks", "Frameworks"),
    ),
    Role.SYSTEM: (),
}
# Pages whose address begins with another word than that of the link that leads to them: the first link that one has.
PARTS: dict[str, tuple[str, ...]] = {
    "claims": ("/commitments", "/contracts"),
    "commitments": ("/commitments", "/contracts"),
    "contracts": ("/contracts", "/commitments"),
    "deliveries": ("/my-matches", "/commitments", "/contracts"),
    "fairness": ("/reports",),
    "inherent": ("/my-organisation",),
    "matches": ("/my-matches", "/desk"),
    "measures": ("/commitments", "/frameworks"),
    "milestones": ("/commitments", "/contracts"),
    "partnerships": ("/my-matches", "/desk"),
    "places": ("/reports",),
    "project-ideas": ("/wards", "/desk"),
    "results": ("/results", "/reports"),
    "rules": ("/frameworks",),
    "suppliers": ("/commitments", "/contracts"),
    "support-received": ("/my-organisation",),
    "valuations": ("/reports",),
    "wards": ("/wards", "/reports"),
}


def navigation() -> list[dict[str, object]]:
    """The links across the top for this visitor, the present one marked."""
    actor = current_actor()
    links = _links_of(actor) if actor else PUBLIC_LINKS
    part = _part({href for href, _ in links})
    return [{"href": href, "text": text, "current": _is_here(href) or href == part} for href, text in links]


def _links_of(actor: Actor) -> tuple[tuple[str, str], ...]:
    """Those of the role; who supplies nothing has no promises to see to."""
    if actor.role is not Role.MEMBER or current_user.is_supplier:
        return LINKS[actor.role]
    return tuple(link for link in LINKS[actor.role] if link[0] != "/commitments")


def _is_here(href: str) -> bool:
    """Whether a link leads to the part of the site that this page belongs to."""
    return request.path == href or (href != "/listings" and request.path.startswith(f"{href}/"))


def _part(links: set[str]) -> str | None:
    """The link whose part of the site this page belongs to under another word."""
    word = request.path.split("/", 2)[1]
    return next((href for href in PARTS.get(word, ()) if href in links), None)


def account() -> dict[str, object] | None:
    """The signed-in person's name, whom they act for, and where their account is."""
    actor = current_actor()
    if actor is None:
        return None
    links = [{"href": "/account", "text": "Your account"}]
    return {"name": actor.name, "acting_for": current_user.acting_for, "links": links}


def demonstration() -> bool:
    """Whether this database is the demonstration; it cannot change while the process runs, so it is asked once."""
    known = current_app.extensions
    if "broker.demonstration" not in known:
        known["broker.demonstration"] = is_demonstration()
    return bool(known["broker.demonstration"])


def _version_of(folder: str) -> str:
    """A mark that changes with the style sheet and the script, so that browsers may keep them for long."""
    digest = hashlib.sha256()
    for name in ("broker.css", "broker.js"):
        digest.update((Path(folder) / name).read_bytes())
    return digest.hexdigest()[:12]


def install(app: Flask) -> None:
    app.jinja_env.globals["saying"] = saying  # pure functions, for macros too
    app.jinja_env.globals["csrf_token"] = gaps.csrf_token
    app.jinja_env.globals["one_time_key"] = gaps.one_time_key
    app.jinja_env.filters.update(saying.FILTERS, background_check=background_check)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    version = _version_of(app.static_folder or "")

    @app.context_processor
    def _shell() -> dict[str, object]:
        plain: dict[str, object] = {
            "service_name": app.config["SERVICE_NAME"],
            "asset_version": version,
            "csrf_token": gaps.csrf_token,
        }
        if g.get("plain_page"):
            return plain
        return {
            **plain,
            "navigation": navigation(),
            "account": account(),
            "demonstration": demonstration(),
            "actor": current_actor(),
            "can": can,
            "open_moves": open_moves,
            "words": words,
        }
