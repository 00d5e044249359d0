"""Signing in with a council's own account: to its provider, back again, and a kind page when it does not work."""

from typing import Any, cast

from flask import Blueprint, Flask, abort, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from broker.actions.single_sign_on import sign_in_by_provider
from broker.domain.clock import now
from broker.domain.refusals import Unfit
from broker.domain.single_sign_on import Provider, Vouched, is_safe_address, read_providers
from broker.store.authorities import Authority, all_authorities
from broker.store.base import db
from broker.web.accounts import enter, first_page
from broker.web.browsers import this_browser
from broker.web.guard import public
from broker.web.transaction import writes

bp = Blueprint("single_sign_on", __name__)

WAITS = 5  # seconds for each question to a provider; a page must not hang on a server that is down
SCOPE = "openid email"
ASKED = ("authorization_endpoint", "token_endpoint", "jwks_uri")  # what we ask or send people to, besides the issuer
SAID = {
    "address": "Your council did not give us a checked work address for you.",
    "unknown": "We did not find an officer here for the account that you used.",
    "wider": "Your account here can do more than this council's sign-in may open.",
    "refused": "Your council's sign-in page sent you back without signing you in.",
    "lost": "We lost the thread: the sign-in took too long, or was begun in another window.",
    "down": "Your council's sign-in page does not answer at the moment.",
}
STATUS = {"refused": 400, "lost": 400, "down": 503}  # whoever is not let in is told 403


@bp.get("/sign-in/council/<id:authority_id>")
@public
def leave(authority_id: int) -> ResponseReturnValue:
    """To the provider, with a state, a nonce and a code challenge that only this browser can answer."""
    authority, provider = _provider_of(authority_id)
    for key in [key for key in session if key.startswith("_state_")]:
        del session[key]  # one attempt at a time: a cookie that grows is one that browsers drop
    try:
        client = _client(provider)
        return cast(ResponseReturnValue, client.authorize_redirect(_way_back(authority)))
    except _troubles() as trouble:
        return _not_signed_in(authority, _reason(trouble))


@bp.get("/sign-in/council/<id:authority_id>/back")
@public
@writes
def come_back(authority_id: int) -> ResponseReturnValue:
    authority, provider = _provider_of(authority_id)
    try:
        vouched = _ask(provider)
        actor = enter(sign_in_by_provider(provider, authority, vouched, now(), this_browser()))
    except Unfit as refusal:
        return _not_signed_in(authority, refusal.problems["account"])
    except _troubles() as trouble:
        return _not_signed_in(authority, _reason(trouble))
    flash("You are signed in.", "success")
    return redirect(first_page(actor), 303)


def _provider_of(authority_id: int) -> tuple[Authority, Provider]:
    authority = db.session.get(Authority, authority_id)
    provider = _providers().get(authority.code) if authority else None
    if authority is None or provider is None:
        abort(404)
    return authority, provider


def _providers() -> dict[str, Provider]:
    return cast(dict[str, Provider], current_app.extensions["single_sign_on"])


def _way_back(authority: Authority) -> str:
    """The address that the provider knows: built from the base address of the installation, never from a request's."""
    path = url_for("single_sign_on.come_back", authority_id=authority.id)
    base = current_app.config.get("BASE_URL")
    return (
        f"{base.rstrip('/')}{path}"
        if base
        else url_for("single_sign_on.come_back", authority_id=authority.id, _external=True)
    )


def _client(provider: Provider) -> Any:
    """Authlib's client for a provider, made once and kept; refuses one that describes itself as somebody else."""
    from authlib.integrations.flask_client import OAuth  # heavy, and most installations never need it

    made = current_app.extensions.setdefault("single_sign_on_clients", {})
    if provider.authority_code not in made:
        client = OAuth(current_app).register(
            provider.authority_code,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": WAITS},
        )
        described = client.load_server_metadata()
        if str(described.get("issuer", "")).rstrip("/") != provider.issuer:
            raise ValueError("the provider's own description names another issuer")
        if not all(is_safe_address(str(described.get(name, ""))) for name in ASKED):
            raise ValueError("the provider's own description names an address without https")
        made[provider.authority_code] = client
    return made[provider.authority_code]


def _ask(provider: Provider) -> Vouched:
    """What the provider says of whoever came back; every check of state, nonce, signature and audience is Authlib's."""
    client = _client(provider)
    issuer = client.load_server_metadata()["issuer"]
    token = client.authorize_access_token(
        claims_options={"iss": {"values": [issuer]}, "aud": {"values": [provider.client_id]}}
    )
    claims = dict(token.get("userinfo") or {})
    if not claims.get("sub"):
        raise ValueError("the provider sent no identity")
    if "email" not in claims and client.load_server_metadata().get("userinfo_endpoint"):
        more = client.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise ValueError("the provider spoke of two people")
        claims = {**more, **claims}
    verified = claims.get("email_verified")
    said = {"true": True, "false": False}.get(str(verified).lower())  # some providers send it as a word
    return Vouched(subject=str(claims["sub"]), email=str(claims.get("email") or ""), verified=said)


def _troubles() -> tuple[type[Exception], ...]:
    """Everything that may go wrong between us and a provider."""
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError
    from requests import RequestException

    return OAuthError, JoseError, RequestException, ValueError, KeyError, RuntimeError


def _reason(trouble: Exception) -> str:
    from authlib.integrations.base_client.errors import MismatchingStateError
    from requests import RequestException

    if isinstance(trouble, MismatchingStateError):
        return "lost"
    return "down" if isinstance(trouble, RequestException) else "refused"


def _not_signed_in(authority: Authority, reason: str) -> ResponseReturnValue:
    current_app.logger.warning("single sign-on ended: %s", reason, extra={"authority_id": authority.id})
    page = render_template("single_sign_on/not_signed_in.html", authority=authority, reason=reason, said=SAID[reason])
    return page, STATUS.get(reason, 403)


def council_sign_ins() -> list[Authority]:
    """The councils whose staff can sign in with an account of their own, for the sign-in page."""
    wanted = _providers()
    return [a for a in all_authorities() if a.code in wanted] if wanted else []


def install(app: Flask) -> None:
    """Read the providers once; a setting that cannot be right stops the start with a sentence."""
    try:
        app.extensions["single_sign_on"] = read_providers(app.config.get("SINGLE_SIGN_ON") or {})
    except ValueError as problem:
        raise RuntimeError(str(problem)) from problem
    app.jinja_env.globals["council_sign_ins"] = council_sign_ins
