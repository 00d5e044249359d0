"""What every answer tells the browser: what it may load, from whom it may be asked, and whether it may be kept."""

from flask import Flask, Response, request, session

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none';"
    " manifest-src 'self'"
)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"  # a file to be saved can do nothing if it is opened
NOT_NEEDED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access",
    "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in NOT_NEEDED),
}
HTTPS_ONLY = "max-age=31536000"  # a year


def install(app: Flask) -> None:
    @app.after_request
    def _headers(response: Response) -> Response:
        if response.headers.get("Content-Disposition", "").startswith("attachment"):
            response.headers["Content-Security-Policy"] = SANDBOX
        if is_secret():
            response.headers["Referrer-Policy"] = "no-referrer"
        told = {name.lower() for name, _value in response.headers}
        response.headers.extend([each for each in ALWAYS.items() if each[0].lower() not in told])
        if request.is_secure or app.config["SESSION_COOKIE_SECURE"]:
            response.headers["Strict-Transport-Security"] = HTTPS_ONLY
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store" if is_private(response) else "no-cache")
            response.vary.add("Cookie")
        return response


def is_secret() -> bool:
    """True where the address itself opens something, as the link that sets a password does."""
    return "token" in (request.view_args or {})


def is_private(response: Response) -> bool:
    """True for what a shared browser must not show again: all that a person signed in for, and every error."""
    return "_user_id" in session or is_secret() or response.status_code >= 400
