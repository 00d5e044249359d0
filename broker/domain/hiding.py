"""Small numbers in public tables: hidden, together with as many others as it takes that nobody can work them out."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

FEWEST = 5  # of things behind a number that is shown
Key = TypeVar("Key", bound=Hashable)


def hidden(parts: Mapping[Key, int]) -> frozenset[Key]:
    """Which parts of a whole are not to be shown, given how many things each of them counts. Each counts some.

    The whole is shown where it counts enough itself. Whoever takes the shown parts from it then learns no more than
    the sum of at least two, which together are enough to be shown.
    """
    smallest_first = sorted(parts, key=lambda key: (parts[key], str(key)))
    found = [key for key in smallest_first if parts[key] < FEWEST]
    if not found or not is_shown(parts):
        return frozenset(found)
    for key in smallest_first[len(found) :]:
        if len(found) > 1 and sum(parts[each] for each in found) >= FEWEST:
            break
        found.append(key)
    return frozenset(found)


def is_shown(parts: Mapping[Key, int]) -> bool:
    """Whether the whole counts enough to be shown."""
    return sum(parts.values()) >= FEWEST
