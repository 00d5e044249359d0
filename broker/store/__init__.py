"""Tables and the questions asked of them. A file holds one noun's tables and, beneath them, its queries."""

from broker.store import (
    accounts,
    authorities,
    counts,
    events,
    frameworks,
    guesses,
    imports,
    jobs,
    listings,
    matches,
    organisations,
    partnerships,
    places,
    plans,
    preferences,
    settings,
    suggestions,
    synonyms,
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
    suggestions,
    counts,
    preferences,
    matches,
    partnerships,
    events,
    jobs,
    imports,
    plans,
    settings,
)
TABLES = Base.metadata
