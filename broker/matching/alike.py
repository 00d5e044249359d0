"""Which needs ask for the same thing: the same text twice, and clusters that one lasting answer could serve.

A need is the words of its text, without the names of its owner and its place, and the entries (words that mean the
same) that it touches, each weighed by how rare it is; two needs are as alike as the cosine of the two. Clusters are
taken by average linkage, so that a chain of small resemblances does not tie everything together. The result is the same
whatever the order of the needs.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components

from broker.matching.synonyms import SAYS, Synonyms
from broker.matching.text import as_written, stems

SIMILAR = 0.3  # how alike the needs of a cluster are on average; chosen by reading, see docs/decisions.md
SAME = 0.9  # from here on two texts are one text posted twice, but for a word or two
TITLE = 3  # a word or entry of the title counts so often: there people say what they want
ENTRY = 1.5  # and an entry counts so much more than a word
TELLING = 0.5  # what this part of a cluster's needs say is what it is about
SHOWN = 4
_EVERYWHERE = 0.1  # what more than this part of many needs says tells none of them apart
_FEW = 20
_LARGEST = 1_500  # the most needs that are compared all with all
_BLOCK = 1_000

Matrix = Any  # a sparse array: scipy carries no types


@dataclass(frozen=True, slots=True)
class Need:
    """One need as it is compared. Two friends of parks share the word park, and so do all of Park Ward: what stands in
    `names` (of the organisation, the ward, the council) tells who asks and where, not what for.
    """

    id: int
    title: str
    text: str
    kind: str | None = None
    names: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Needs that are alike, smallest id first, and what they share in words, what most of them say first."""

    ids: tuple[int, ...]
    shares: tuple[str, ...]


def twins(needs: Sequence[Need]) -> list[Cluster]:
    """Texts that are nearly the same, each group whole, largest first."""
    pool = _Pool(needs, [Counter(stems(need.words)) for need in sorted(needs, key=_by_id)])
    _, labels = connected_components(_alike(pool.matrix, SAME), directed=False)
    return pool.named(_groups(labels))


def clusters(needs: Sequence[Need], synonyms: Synonyms, similar: float = SIMILAR) -> list[Cluster]:
    """Groups of two and more needs of one kind of support that ask for similar things, largest first.

    Needs that are near each other without a single thing that half of them say are no group.
    """
    pool = _Pool(needs, [_features(need, synonyms) for need in sorted(needs, key=_by_id)])
    _, kinds = np.unique([need.kind or "" for need in pool.needs], return_inverse=True)
    groups = [
        group for part in _parts(pool.matrix, kinds, similar) for group in _average_linkage(pool.matrix, part, similar)
    ]
    return [cluster for cluster in pool.named(groups) if cluster.shares]


class _Pool:
    """The needs in the order of their ids, what each says, and each as a row of weights over what several say."""

    def __init__(self, needs: Sequence[Need], said: Sequence[Mapping[str, float]]) -> None:
        self.needs = sorted(needs, key=_by_id)
        self.matrix, self._names = _weigh(said)
        self._said = said

    def named(self, groups: Sequence[NDArray[np.intp]]) -> list[Cluster]:
        """The groups (of positions) as clusters, largest first."""
        made = [Cluster(tuple(self.needs[row].id for row in group), self._shared(group.tolist())) for group in groups]
        return sorted(made, key=lambda cluster: (-len(cluster.ids), cluster.ids))

    def _shared(self, rows: Sequence[int]) -> tuple[str, ...]:
        """What half of these needs say: entries by their name, words as the first of the needs writes them.

        A word that only suggests an entry does not say it.
        """
        said_by = Counter(name for row in rows for name, strength in self._said[row].items() if strength >= SAYS)
        weight = np.round(np.asarray(self.matrix[list(rows)].sum(axis=0)).ravel(), 9)
        column = {name: number for number, name in enumerate(self._names)}
        least = max(2, TELLING * len(rows))
        telling = [name for name, number in said_by.items() if number >= least and name in column]
        shown: dict[tuple[str, ...], str] = {}  # by stems: "music" and the entry "music" are one
        for name in sorted(telling, key=lambda each: (-weight[column[each]], each)):
            surface = _surface(name, [self.needs[row] for row in rows])
            shown.setdefault(tuple(stems(surface)), surface)
        return tuple(shown.values())[:SHOWN]


def _by_id(need: Need) -> int:
    return need.id


def _features(need: Need, synonyms: Synonyms) -> dict[str, float]:
    """How often a need says each stem, and how strongly each entry; an entry's name begins with an equals sign.

    What is only hinted at beside the title is left out: a body tells of tea, buses and grandchildren as well.
    """
    names = frozenset(stems(" ".join(need.names)))
    found: dict[str, float] = dict(Counter(stems(need.text)))
    for stem in stems(need.title):
        found[stem] = found.get(stem, 0) + TITLE
    entries: dict[str, float] = {}
    for use in synonyms.uses(need.text):
        if use.strength >= SAYS and not names.issuperset(stems(use.written)):
            entries[use.entry.name] = 1
    for use in synonyms.uses(need.title):
        if not names.issuperset(stems(use.written)):
            entries[use.entry.name] = max(1, entries.get(use.entry.name, 0)) + TITLE * use.strength
    said = {stem: number for stem, number in found.items() if stem not in names}
    return said | {f"={name}": strength for name, strength in entries.items()}


def _weigh(found: Sequence[Mapping[str, float]]) -> tuple[Matrix, list[str]]:
    """Each need as a row of length 1 over what at least two needs and not nearly all of them say."""
    shared = Counter(name for row in found for name in row)
    most = max(_FEW, _EVERYWHERE * len(found))
    names = sorted(name for name, number in shared.items() if 2 <= number <= most)
    column = {name: number for number, name in enumerate(names)}
    idf = np.array([1 + np.log(len(found) / shared[name]) for name in names])
    idf *= [ENTRY if name.startswith("=") else 1.0 for name in names]
    cells = [
        (row, column[name], count) for row, said in enumerate(found) for name, count in said.items() if name in column
    ]
    rows, cols, counts = (np.array(each) for each in zip(*cells, strict=True)) if cells else (np.zeros(0, int),) * 3
    weights = np.where(counts > 1, 1 + np.log(np.maximum(counts, 1)), counts) * idf[cols]
    # What only one need says counts in its length all the same: a long text is not like a short one.
    alone = np.array([sum(1 for name in said if shared[name] == 1) for said in found], dtype=float)
    rarest = 1 + np.log(max(len(found), 1))
    matrix = csr_array((weights, (rows, cols)), shape=(len(found), len(names)))
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel() + alone * rarest**2)
    return csr_array(diags_array(1 / np.maximum(length, 1e-12)) @ matrix), names


def _alike(matrix: Matrix, least: float) -> Matrix:
    """The pairs that are at least so much alike, a block of rows at a time."""
    rows: list[NDArray[np.intp]] = []
    cols: list[NDArray[np.intp]] = []
    values: list[NDArray[np.float64]] = []
    other = matrix.T.tocsr()
    for start in range(0, matrix.shape[0], _BLOCK):
        block = (matrix[start : start + _BLOCK] @ other).tocoo()
        enough = block.data >= least
        rows.append(block.coords[0][enough] + start)
        cols.append(block.coords[1][enough])
        values.append(block.data[enough])
    joined = [np.concatenate(each) if each else np.zeros(0) for each in (rows, cols, values)]
    return csr_array((joined[2], (joined[0].astype(int), joined[1].astype(int))), shape=(matrix.shape[0],) * 2)


def _parts(matrix: Matrix, kinds: NDArray[np.intp], least: float) -> Iterator[NDArray[np.intp]]:
    """The needs in parts that have nothing to do with each other, none too large to compare all with all.

    Needs of different kinds of support are never alike. A part that is too large is taken apart at a higher bar.
    """
    waiting = [(np.flatnonzero(kinds == kind), least / 2) for kind in np.unique(kinds)]
    while waiting:
        rows, bar = waiting.pop(0)
        _, labels = connected_components(_alike(matrix[rows], bar), directed=False)
        for group in _groups(labels):
            if len(group) > _LARGEST and bar < 1:
                waiting.append((rows[group], bar + 0.05))
            else:
                yield rows[group]


def _groups(labels: NDArray[np.integer]) -> list[NDArray[np.intp]]:
    """The positions of each label that stands more than once."""
    order = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.diff(labels[order])) + 1
    return [group for group in np.split(order, bounds) if len(group) > 1]


def _average_linkage(matrix: Matrix, part: NDArray[np.intp], similar: float) -> list[NDArray[np.intp]]:
    """One part taken into groups whose needs are on average so much alike."""
    rows = matrix[part]
    # Rounded, so that the last digit, which depends on the order of a sum, decides nothing.
    apart = np.round(1 - (rows @ rows.T).toarray(), 10)
    condensed = np.maximum(apart[np.triu_indices(len(part), 1)], 0)
    labels = fcluster(linkage(condensed, "average"), 1 - similar, "distance")
    return [part[group] for group in _groups(labels)]


def _surface(name: str, needs: Sequence[Need]) -> str:
    if name.startswith("="):
        return name[1:]
    return next((forms[name].lower() for need in needs if name in (forms := as_written(need.words))), name)
