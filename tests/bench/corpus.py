"""Invented listings shaped like real ones: no real text, but the lengths, frequencies and shared words of real ones.

Words are made of syllables. Each of 80 topics has a long stream of words, drawn from words that all topics use and
words of its own (both Zipf-Mandelbrot); a listing glues runs of its topic's stream together, a quarter of them another
topic's, and puts in names and slips of the pen from a tail of 400,000, so that the vocabulary keeps growing. The
figures that decide how hard matching is are asserted, not hoped for: see check().
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broker.matching.text import STOP_WORDS, stem

TOPICS, STREAM, RUN = 80, 6_300, 5
COMMON, POOL, OWN, TAIL = 600, 30_000, 2_500, 400_000
FROM_COMMON, FROM_ANOTHER_TOPIC, FROM_TAIL = 0.585, 0.25, 0.03
WORDS_THAT_COUNT, SPREAD, STOP_SHARE = 39.5, 0.28, 0.435
PLACES, KINDS = 40, (0.30, 0.30, 0.15, 0.15, 0.10)
DAYS = 365

SYLLABLES = [first + second for first in "bcdfghjklmnpqrstvwxz" for second in "aeiou"]
STOPS = sorted(word for word in STOP_WORDS if word.isalpha())


@dataclass(frozen=True, slots=True)
class Corpus:
    """One side's listings as numbers of words, with their facts."""

    words: NDArray[np.int32]
    starts: NDArray[np.intp]
    place: NDArray[np.int32]
    """-1: anywhere in the city."""
    kind: NDArray[np.int32]
    first_day: NDArray[np.int32]
    last_day: NDArray[np.int32]
    capacity: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def numbers(self, listing: int) -> list[int]:
        """The words that count of one listing, as numbers, with repeats."""
        return self.words[self.starts[listing] : self.starts[listing + 1]].tolist()

    def text(self, listing: int) -> str:
        """One listing as a text, stop words among the words that count."""
        words = []
        for position, number in enumerate(self.numbers(listing)):
            words.append(spelt(number))
            if int((position + 1) * STOP_SHARE / (1 - STOP_SHARE)) > int(position * STOP_SHARE / (1 - STOP_SHARE)):
                words.append(STOPS[(number + position) % len(STOPS)])
        return " ".join(words)

    def counts(self) -> Iterator[tuple[int, Counter[str]]]:
        """Each listing with the counts that its text has: what the database keeps, so no text is read again."""
        for listing in range(len(self)):
            yield listing, Counter(map(spelt, self.numbers(listing)))


def spelt(number: int) -> str:
    """The word of a number: two syllables or more and a k, which no stemmer takes off."""
    word = _spelt.get(number)
    if word is None:
        letters, rest = "", number
        while len(letters) < 4 or rest:
            rest, syllable = divmod(rest, len(SYLLABLES))
            letters += SYLLABLES[syllable]
        word = _spelt[number] = letters + "k"
    return word


_spelt: dict[int, str] = {}


def corpus(size: int, seed: int) -> Corpus:
    """So many listings; the same for the same seed."""
    draw = np.random.default_rng(seed)
    streams = _streams()
    lengths = draw.lognormal(np.log(WORDS_THAT_COUNT), SPREAD, size)
    lengths = lengths.clip(WORDS_THAT_COUNT * 0.57, WORDS_THAT_COUNT * 1.71).round().astype(np.intp)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    owner = np.repeat(np.arange(size), lengths)
    position = np.arange(len(owner)) - starts[owner]
    run = np.cumsum(position % RUN == 0) - 1
    runs = int(run[-1]) + 1 if size else 0
    own, other = draw.integers(0, TOPICS, size), draw.integers(0, TOPICS, size)
    topic = np.where((draw.random(runs) < FROM_ANOTHER_TOPIC)[run], other[owner], own[owner])
    words = streams[topic, draw.integers(0, STREAM - RUN, runs)[run] + position % RUN]
    tail = COMMON + POOL + _ranks(draw, TAIL, 2_000, 1.0, (len(words),))
    words = np.where(draw.random(len(words)) < FROM_TAIL, tail, words).astype(np.int32)
    first = draw.integers(0, DAYS, size)
    return Corpus(
        words=words,
        starts=starts,
        place=np.where(draw.random(size) < 0.15, -1, _ranks(draw, PLACES, 2, 1.0, (size,))).astype(np.int32),
        kind=draw.choice(len(KINDS), size, p=KINDS).astype(np.int32),
        first_day=first.astype(np.int32),
        last_day=(first + draw.integers(30, DAYS, size)).astype(np.int32),
        capacity=draw.geometric(0.4, size).clip(max=20).astype(np.int32),
    )


def with_repeats(one: Corpus, share: float, seed: int) -> Corpus:
    """The same, with a share of the listings saying word for word what another one says."""
    draw = np.random.default_rng(seed)
    said = np.where(draw.random(len(one)) < share, draw.integers(0, len(one), len(one)), np.arange(len(one)))
    words = [one.words[one.starts[number] : one.starts[number + 1]] for number in said]
    starts = np.concatenate(([0], np.cumsum([len(each) for each in words])))
    return Corpus(np.concatenate(words), starts, one.place, one.kind, one.first_day, one.last_day, one.capacity)


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides how hard matching is."""

    words: float
    distinct: float
    shared: float
    vocabulary: int


def shape(one: Corpus, other: Corpus, most: int = 20_000) -> Shape:
    """Measured on up to so many listings of each side: median words, distinct words that count, words a pair shares."""
    sides = [each.words[: each.starts[min(most, len(each))]] for each in (one, other)]
    sizes = [min(most, len(each)) for each in (one, other)]
    found = []
    for each, size in zip((one, other), sizes, strict=True):
        owner = np.repeat(np.arange(size, dtype=np.int64), np.diff(each.starts[: size + 1]))
        pairs = np.unique(owner << 32 | each.words[: len(owner)])
        found.append(np.bincount(pairs & 0xFFFFFFFF, minlength=COMMON + POOL + TAIL))
    medians = [
        np.median([len(each.text(listing).split()) for listing in range(min(500, len(each)))]) for each in (one, other)
    ]
    return Shape(
        words=float(np.mean(medians)),
        distinct=float(sum(each.sum() for each in found) / sum(sizes)),
        shared=float((found[0] / sizes[0] * (found[1] / sizes[1])).sum()),
        vocabulary=len(np.unique(np.concatenate(sides))),
    )


def check(shape: Shape) -> None:
    """Refuses to measure on a corpus that is easier or harder than real listings."""
    assert 65 <= shape.words <= 75, shape
    assert 37 <= shape.distinct <= 39.5, shape
    assert 2.5 <= shape.shared <= 2.9, shape
    assert all(stem(spelt(number)) == spelt(number) for number in range(0, COMMON + POOL + TAIL, 997))


def _streams() -> NDArray[np.intp]:
    """The topics' streams of words, the same for every corpus."""
    draw = np.random.default_rng(0)
    liked = _weights(POOL, 200, 1.0)
    own = np.array([draw.choice(POOL, OWN, replace=False, p=liked) for _ in range(TOPICS)])
    common = _ranks(draw, COMMON, 16, 1.2, (TOPICS, STREAM))
    special = np.take_along_axis(own, _ranks(draw, OWN, 6, 1.1, (TOPICS, STREAM)), 1)
    streams: NDArray[np.intp] = np.where(draw.random((TOPICS, STREAM)) < FROM_COMMON, common, COMMON + special)
    return streams


def _weights(count: int, shift: float, steepness: float) -> NDArray[np.float64]:
    """Zipf-Mandelbrot: rank r weighs 1 / (r + shift) ** steepness."""
    weights = 1 / (np.arange(count) + shift) ** steepness
    return weights / weights.sum()


def _ranks(
    draw: np.random.Generator, count: int, shift: float, steepness: float, size: tuple[int, ...]
) -> NDArray[np.intp]:
    bounds = np.cumsum(_weights(count, shift, steepness))
    return np.searchsorted(bounds, draw.random(size)).clip(max=count - 1)
