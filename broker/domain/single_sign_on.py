"""Single sign-on by OpenID Connect: which provider vouches for a council's staff, and what it said of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
NEEDED = ("issuer", "client_id", "client_secret", "domains")
OPTIONAL = ("vouches_for_addresses",)


@dataclass(frozen=True, slots=True)
class Provider:
    """Where one council's staff sign in. `domains` are the parts after the @ of its staff's addresses.

    `vouches_for_addresses`: the provider holds this council's people only (such as a tenant of its own), so that an
    address counts although the provider says nothing of having checked it.
    It asks its people for a second factor itself, as `docs/running.md` demands; we do not ask again.
    """

    authority_code: str
    issuer: str
    client_id: str
    client_secret: str
    domains: frozenset[str]
    vouches_for_addresses: bool = False

    def is_own_address(self, email: str) -> bool:
        """True for an address at one of the council's domains."""
        return email.rpartition("@")[2].lower() in self.domains


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says of the person who signed in with it. `verified` is None where it says nothing."""

    subject: str
    email: str
    verified: bool | None


def is_safe_address(url: str) -> bool:
    """True for an address that may be asked: https, or this machine itself (for tests)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def read_providers(written: object) -> dict[str, Provider]:
    """The providers of the setting SINGLE_SIGN_ON, by authority code: code to a mapping of the names above.

    Raises ValueError with a sentence for whoever runs the service.
    """
    if not isinstance(written, Mapping):
        raise ValueError("SINGLE_SIGN_ON: give one entry for each council, under its ONS code.")
    return {str(code).upper(): _read_provider(str(code).upper(), facts) for code, facts in written.items()}


def _read_provider(code: str, facts: object) -> Provider:
    if not isinstance(facts, Mapping):
        raise ValueError(f"SINGLE_SIGN_ON: {code} needs {', '.join(NEEDED)}.")
    missing = [name for name in NEEDED if not facts.get(name)]
    if missing:
        raise ValueError(f"SINGLE_SIGN_ON: {code} has no {', '.join(missing)}.")
    strange = sorted(set(map(str, facts)) - {*NEEDED, *OPTIONAL})
    if strange:
        raise ValueError(f"SINGLE_SIGN_ON: {code} has {', '.join(strange)}, which means nothing here.")
    issuer = str(facts["issuer"]).rstrip("/")
    if not is_safe_address(issuer):
        raise ValueError(f"SINGLE_SIGN_ON: the issuer of {code} must begin with https://.")
    domains = facts["domains"]
    if isinstance(domains, str) or not all(isinstance(domain, str) and "." in domain for domain in domains):
        raise ValueError(f"SINGLE_SIGN_ON: the domains of {code} must be a list, such as ['council.gov.uk'].")
    return Provider(
        authority_code=code,
        issuer=issuer,
        client_id=str(facts["client_id"]),
        client_secret=str(facts["client_secret"]),
        domains=frozenset(domain.strip().lstrip("@").lower() for domain in domains),
        vouches_for_addresses=facts.get("vouches_for_addresses", False) is True,
    )
