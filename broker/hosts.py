"""Which addresses this installation answers to, what its cookie is called there, and whose word it takes for both."""

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

LOOPBACK = ("localhost", "127.0.0.1")


def install(app: Flask) -> None:
    """Answer to the base address and to this machine alone. `PROXIES` says how many servers of ours stand in front."""
    base = urlsplit(str(app.config["BASE_URL"] or ""))
    app.config["TRUSTED_HOSTS"] = [*(app.config["TRUSTED_HOSTS"] or ()), *LOOPBACK, *filter(None, [base.hostname])]
    if base.scheme == "https":
        # A browser takes this name only from https, for this very host and all its paths: nobody else can plant it.
        app.config["SESSION_COOKIE_NAME"] = f"__Host-{app.config['SESSION_COOKIE_NAME']}"
        app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_PATH="/", SESSION_COOKIE_DOMAIN=None)
        app.config["PREFERRED_URL_SCHEME"] = "https"
    if number := int(app.config["PROXIES"]):
        # The address and the scheme only: the host must come from the proxy as Host, which is checked above.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=0)  # type: ignore[method-assign]
