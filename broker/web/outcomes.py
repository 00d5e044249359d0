"""The shared outcomes as people read them. They come with the product, so a running process asks for them once."""

from flask import current_app

from broker.store.frameworks import outcome_labels

KEPT = "broker.outcomes"


def outcome_words() -> dict[str, str]:
    """Code to label of every shared outcome, in their order."""
    known = current_app.extensions
    if not known.get(KEPT):
        known[KEPT] = outcome_labels()
    return dict(known[KEPT])
