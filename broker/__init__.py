"""Common Thread, a brokerage marketplace for social value."""

import gc

from flask import Flask


def create_app(overrides: dict[str, object] | None = None, *, commands: bool = True) -> Flask:
    """The application. `overrides` are settings that win over everything else (for tests).

    Who serves pages needs no `commands`, and starts sooner without them.
    """
    gc.disable()  # the parts that are loaded here all stay: looking for rubbish among them costs a fifth of the start
    try:
        from broker.assembly import assemble

        return assemble(overrides, commands=commands)
    finally:
        gc.enable()
