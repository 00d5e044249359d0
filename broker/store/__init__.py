"""Tables and the questions asked of them. A file holds one noun's tables and, beneath them, its queries."""

from broker.store import (
    accounts,
    authorities,
    counts,
    decisions,
    events,
    fairness,
    frameworks,
    guesses,
    imports,
    jobs,
    listings,
    matches,
    need_groups,
    organisations,
    partnerships,
    places,
    plans,
    preferences,
    settings,
    suggestions,
    synonyms,
    weights,
)
from broker.store.base import Base

# Every file that holds tables is named here, so that whoever asks for the tables finds all of them.
NOUNS = (
    authorities,
    frameworks,
    places,
    organisations,
    accounts,
    listings,
    guesses,
    synonyms,
    fairness,
    need_groups,
    suggestions,
    counts,
    preferences,
    matches,
    partnerships,
    events,
    decisions,
    weights,
    jobs,
    imports,
    plans,
    settings,
)
TABLES = Base.metadata
