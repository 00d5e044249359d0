"""The shared outcomes as people read them. They come with the product, so a running process asks for them once."""

from flask import current_app, g

from broker.store.frameworks import outcome_labels

KEPT = "broker.outcomes"


def outcome_words() -> dict[str, str]:
    """Code to label of every shared outcome, in their order. While there are none, each request asks once."""
    known = current_app.extensions
    if not known.get(KEPT):
        if "outcomes" not in g:
            g.outcomes = outcome_labels()
        known[KEPT] = g.outcomes
    return dict(known[KEPT])
