"""How well the matcher ranks on judged sets, beside plain TF-IDF, BM25 and chance: full rankings, no guessing.

judge(folder) gives the figures of one ranker on one set. A Bench asks many questions of many sets, and says of each
difference whether it is more than luck.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from broker.matching import Progress
from broker.matching.judging.bootstrap import Gain, gain
from broker.matching.judging.by_score import Share, shares
from broker.matching.judging.judged import BadJudgedSet, Direction, JudgedSet, find, read
from broker.matching.judging.measures import measures
from broker.matching.judging.rankers import NoEncoder, Ranker, Without, bm25_weights, table
from broker.matching.text import stems

__all__ = [
    "BadJudgedSet", "Bench", "Direction", "Measure", "NoEncoder", "Question", "Ranker", "Row", "Scores", "bm25_weights",
    "find", "judge",
]  # fmt: skip

Measure = Literal["ndcg@10", "recall@10", "mrr", "map"]
MEASURES: tuple[Measure, ...] = ("ndcg@10", "recall@10", "mrr", "map")
"""In the order of measures.Measures."""

YARDSTICKS: tuple[Ranker, ...] = ("both", "bm25", "random")

BANDS = {"1 to 4": (0, 4), "5 to 12": (5, 12), "13 to 20": (13, 20), "over 20": (21, None)}
"""How much a listing that asks says: its distinct stems, from and to. One without any word is among the shortest."""

Figures = NDArray[np.float64]
"""One row for each judged listing, one column for each of MEASURES."""

# Scores that differ only in the order of a sum are equal.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the judged listings, each between 0 and 1."""

    ndcg_at_10: float
    recall_at_10: float
    mrr: float
    map: float
    judged: int
    """How many have something relevant on the other side, in the split that was asked for."""

    def as_dict(self) -> dict[str, float | int]:
        """For printing and JSON, under the customary names."""
        means = (self.ndcg_at_10, self.recall_at_10, self.mrr, self.map)
        return {**dict(zip(MEASURES, means, strict=True)), "judged": self.judged}


@dataclass(frozen=True, slots=True)
class Question:
    """What a table is to show."""

    ranker: Ranker = "ours"
    direction: Direction = "need"
    measure: Measure = "ndcg@10"
    split: str | None = None
    bands: bool = False
    parts: bool = False
    """Compare with the same ranking without each of its parts, instead of with the yardsticks."""
    by_score: bool = False
    """Say how often a suggestion is right, by its score, instead of how well all are ordered."""

    @property
    def rivals(self) -> tuple[Ranker, ...]:
        """Whom the ranker is compared with: the yardsticks, and the product itself where it is another one."""
        if self.parts:
            return get_args(Without)
        others: tuple[Ranker, ...] = YARDSTICKS if self.ranker == "ours" else ("ours", *YARDSTICKS)
        return tuple(rival for rival in others if rival != self.ranker)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a set, perhaps a split of it, perhaps only the listings of one length."""

    set: str
    split: str | None
    band: str | None
    scores: dict[Ranker, Scores]
    """The ranker's first, then its rivals'."""
    gains: dict[Ranker, Gain]
    """Of the ranker over each rival, in the measure that was asked for."""


def judge(
    folder: Path | str, split: str | None = None, ranker: Ranker = "ours", direction: Direction = "need"
) -> Scores:
    """Ranks the whole other side for each listing that asks and is judged, and measures the rankings.

    The matcher is fitted on all needs and offers of the folder, judged or not, as it is in use; split only
    chooses whose rankings count. Equal scores are judged by the mean over their orders, so "random", which
    scores all alike, is exact. BadJudgedSet where the folder cannot be read.
    """
    judged = read(Path(folder))
    asked = list(judged.relevant(direction, split))
    return _scores(
        _figures(judged, direction, split, table(judged, ranker, direction, _numbers(judged, direction, asked)))
    )


def _numbers(judged: JudgedSet, direction: Direction, ids: list[str]) -> NDArray[np.intp]:
    """Where on their side these stand."""
    number = {key: place for place, key in enumerate(judged.asking(direction))}
    return np.array([number[key] for key in ids], dtype=np.intp)


def _figures(judged: JudgedSet, direction: Direction, split: str | None, rankings: Figures) -> Figures:
    """The measures of each judged listing of the split; rankings has one row of scores for each of them."""
    kept, grades = _graded(judged, direction, split)
    return np.array(
        [measures(scores[kept].round(_DIGITS), each) for scores, each in zip(rankings, grades, strict=True)]
    )


def _graded(judged: JudgedSet, direction: Direction, split: str | None) -> tuple[NDArray[np.bool_], Figures]:
    """Which of the other side are ranked at all; and of these, for each that asks, the grade of each."""
    relevant, left_out = judged.relevant(direction, split), judged.left_out(direction, split)
    kept = np.array([key not in left_out for key in judged.ranked(direction)])
    column = {key: place for place, key in enumerate(key for key in judged.ranked(direction) if key not in left_out)}
    grades = np.zeros((len(relevant), len(column)))
    for row, found in zip(grades, relevant.values(), strict=True):
        for other, grade in found.items():
            row[column[other]] = grade
    return kept, grades


def _scores(figures: Figures) -> Scores:
    ndcg, recall, mrr, average = figures.mean(axis=0).tolist()
    return Scores(ndcg, recall, mrr, average, len(figures))


Line = TypeVar("Line")
Watch = Callable[[str], Progress]
"""From what is being worked on to whom its progress is told."""


class Bench:
    """Judged sets by name, and every figure that was worked out on them, so that none is worked out twice."""

    def __init__(self, sets: Mapping[str, Path], watch: Watch | None = None) -> None:
        """BadJudgedSet where one of the folders cannot be read."""
        self._sets = {name: read(folder, name) for name, folder in sets.items()}
        self._watch = watch
        self._known: dict[tuple[str, Ranker, Direction], dict[str | None, Figures]] = {}

    @property
    def names(self) -> list[str]:
        """The sets, in the order in which they were given."""
        return list(self._sets)

    def rows(self, question: Question, names: list[str] | None = None) -> list[Row]:
        """The lines of one table. Where a split is asked for, a set that has none of that name has no line.

        BadJudgedSet where no set has one.
        """
        rows = [row for name in names or self.names for row in self._rows_of(self._sets[name], question)]
        return _found(rows, question)

    def shares(self, question: Question, names: list[str] | None = None) -> list[Share]:
        """How often a suggestion of the ranker is right, by its score: some lines for each set and split.

        A split is chosen and refused as in rows.
        """
        found = [share for name in names or self.names for share in self._shares_of(self._sets[name], question)]
        return _found(found, question)

    def _shares_of(self, judged: JudgedSet, question: Question) -> Iterator[Share]:
        rankings = self._rankings(judged, question.ranker, question.direction)
        for split in _splits_shown(judged, question):
            kept, grades = _graded(judged, question.direction, split)
            yield from shares(judged.name, split, rankings[split][:, kept], grades)

    def _rows_of(self, judged: JudgedSet, question: Question) -> Iterator[Row]:
        for split in _splits_shown(judged, question):
            rankers = (question.ranker, *question.rivals)
            figures = {ranker: self._figures_of(judged, ranker, question.direction)[split] for ranker in rankers}
            for band, members in _bands(judged, split, question):
                if members.any():
                    some = {ranker: values[members] for ranker, values in figures.items()}
                    yield _row(judged.name, split, band, question, some)

    def _figures_of(self, judged: JudgedSet, ranker: Ranker, direction: Direction) -> dict[str | None, Figures]:
        """Those of the whole set and of each split, ranked once."""
        key = judged.name, ranker, direction
        if key not in self._known:
            rankings = self._rankings(judged, ranker, direction)
            self._known[key] = {split: _figures(judged, direction, split, some) for split, some in rankings.items()}
        return self._known[key]

    def _rankings(self, judged: JudgedSet, ranker: Ranker, direction: Direction) -> dict[str | None, Figures]:
        """The scores of the whole set and of each split, worked out once for all of them: a row for each that asks."""
        asked = list(judged.relevant(direction, None))
        progress = self._watch(f"{judged.name}, {ranker}") if self._watch else None
        rankings = table(judged, ranker, direction, _numbers(judged, direction, asked), progress)
        place = {listing: number for number, listing in enumerate(asked)}
        return {
            split: rankings[[place[one] for one in judged.relevant(direction, split)]]
            for split in (None, *_judged_splits(judged))
        }


def _found(lines: list[Line], question: Question) -> list[Line]:
    """The lines of a table, unless it has none: then no set has the split that was asked for."""
    if not lines:
        raise BadJudgedSet(f"None of the sets has a split {question.split!r}.")
    return lines


def _judged_splits(judged: JudgedSet) -> list[str]:
    """The splits with something to judge, "tune" before "check" as they are used."""
    return sorted((name for name, needs in judged.splits.items() if needs & judged.grades.keys()), reverse=True)


def _splits_shown(judged: JudgedSet, question: Question) -> list[str | None]:
    splits = _judged_splits(judged)
    if question.split is not None:
        return [split for split in splits if split == question.split]
    return [None] if question.bands else [None, *splits]


def _bands(judged: JudgedSet, split: str | None, question: Question) -> Iterator[tuple[str | None, NDArray[np.bool_]]]:
    """Each band with who of the judged listings is in it; one band of all where bands are not asked for."""
    asking = judged.asking(question.direction)
    asked = judged.relevant(question.direction, split)
    if not question.bands:
        yield None, np.ones(len(asked), dtype=np.bool_)
        return
    lengths = np.array([len(set(stems(asking[key].words))) for key in asked])
    for name, (least, most) in BANDS.items():
        yield name, (lengths >= least) & (lengths <= (lengths.max() if most is None else most))


def _row(name: str, split: str | None, band: str | None, question: Question, figures: dict[Ranker, Figures]) -> Row:
    column = MEASURES.index(question.measure)
    own = figures[question.ranker][:, column]
    gains = {rival: gain(own, figures[rival][:, column]) for rival in question.rivals}
    return Row(name, split, band, {ranker: _scores(values) for ranker, values in figures.items()}, gains)
