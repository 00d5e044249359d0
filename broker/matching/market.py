"""The market: demand and supply, live, each pair scored as a sum of parts and explained by them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from broker.matching.explain import Pairing
from broker.matching.lexical.index import Lexical, Progress, Weighing
from broker.matching.meaning.encoder import Encoder
from broker.matching.meaning.nearby import Nearby
from broker.matching.meaning.table import Table
from broker.matching.meaning.table import shipped as shipped_table
from broker.matching.placing import Held, Placing
from broker.matching.records import Guess, Record, Scored, Side, Suggestion
from broker.matching.scoring import Bars, Floats, Scoring, total
from broker.matching.subjects import guesses, touches
from broker.matching.synonyms import Synonyms
from broker.matching.synonyms import shipped as shipped_synonyms
from broker.matching.text import stems
from broker.matching.weights import SHIPPED, Weights


class Market:
    """All open demand and supply. A listing is known by its id, unique on its side."""

    def __init__(
        self,
        demand: Iterable[Record],
        supply: Iterable[Record],
        *,
        weights: Weights = SHIPPED,
        synonyms: Synonyms | None = None,
        table: Table | Literal["shipped"] | None = "shipped",
        encoder: Encoder | None = None,
        weighing: Weighing | None = None,
        read: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """synonyms: None for those that ship. table: of word meanings; None to do without. encoder: None does without.

        weighing: the last one, to score as before; None weighs by the listings given. read: the stems of texts that
        were read before. ValueError where an id occurs twice on one side.
        """
        self.weights = weights
        self._synonyms = synonyms or shipped_synonyms()
        self._words = Lexical(weighing)
        nearby = Nearby(shipped_table() if table == "shipped" else table, weights.near_words)
        self._placing = Placing(self._words, nearby, encoder, self._synonyms, weights)
        self._scoring = Scoring(self._words, nearby, self._placing, encoder is not None, weights)
        self._pairing = Pairing(self._words, nearby)
        self._fill("demand", list(demand), read or {})
        self._fill("supply", list(supply), read or {})
        if weighing is None:
            self._words.reweigh()
        self._placing.place_all()

    def _fill(self, side: Side, records: Sequence[Record], read: Mapping[str, Sequence[str]]) -> None:
        texts = {record.id: read.get(record.words) or stems(record.words) for record in records}
        if len(texts) < len(records):
            raise ValueError("an id occurs twice on one side of the market")
        self._words.put_all(side, ((id, Counter(text)) for id, text in texts.items()))
        self._placing.put(side, records, texts.values())

    # Changing

    def put(self, side: Side, record: Record, read: Sequence[str] | None = None) -> None:
        """Adds a listing or replaces it, scored under the last weighing. read: its stems, where they are at hand."""
        text = stems(record.words) if read is None else read
        self._words.put(side, record.id, Counter(text))
        self._placing.put(side, [record], [text])
        self._placing.place(side, [record.id])

    def remove(self, side: Side, id: int) -> None:
        """Takes a listing out. KeyError: no such id."""
        self._placing.remove(side, id)
        self._words.remove(side, id)

    def reweigh(self) -> None:
        """Weighs words by the listings of now."""
        self._words.reweigh()
        self._placing.place_all()

    @property
    def weighing(self) -> Weighing:
        """What words are weighed by: to be stored, and given back to a market that is to score as this one."""
        return self._words.weighing

    # Rankings

    def best_for_demand(
        self, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """As best, for demand."""
        return self.best("demand", k, ids, progress)

    def best_for_supply(
        self, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """As best, for supply."""
        return self.best("supply", k, ids, progress)

    def best(
        self, side: Side, k: int = 20, ids: Iterable[int] | None = None, progress: Progress | None = None
    ) -> dict[int, list[Scored]]:
        """For each listing of a side (or each of ids) its up to k best of the other: filters passed, texts that meet.

        Best score first, equal scores by id; the same whatever the order of the input. What nothing fits has an
        empty list. KeyError for an unknown id, ValueError where k is below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        asked = list(self._placing.sides[side].listings if ids is None else dict.fromkeys(ids))
        found: dict[int, list[Scored]] = {}
        for id in asked:
            found[id] = self._best(side, self._placing.held(side, id), k)
            if progress and (len(found) % 100 == 0 or len(found) == len(asked)):
                progress(len(found), len(asked))
        return found

    def _best(self, side: Side, held: Held, k: int) -> list[Scored]:
        ids, scores = self._scoring.scored(side, held, self._scoring.hopeful(side, held, k))
        order = np.lexsort((ids, -scores))[:k]
        return [Scored(id, score) for id, score in zip(ids[order].tolist(), scores[order].tolist(), strict=True)]

    def scored(self, side: Side, id: int, k: int = 20, bars: Bars | None = None) -> tuple[NDArray[np.int64], Floats]:
        """Everything that this listing may be suggested to: ids of the other side, and the exact scores.

        bars: by ids of the other side, what a score must reach to matter there. Then only those that reach it are
        given, and the k best in any case, which is far quicker in a large market.
        """
        held, scoring = self._placing.held(side, id), self._scoring
        slots = scoring.open(side, held) if bars is None else scoring.hopeful(side, held, k, bars)
        return scoring.scored(side, held, slots)

    def scores(self, side: Side, id: int) -> dict[int, float]:
        """As scored, by id."""
        ids, scores = self.scored(side, id)
        return dict(zip(ids.tolist(), scores.tolist(), strict=True))

    def table(self, demand_ids: Sequence[int], supply_ids: Sequence[int]) -> Floats:
        """The score of every pair, whatever the filters say: one row for each demand, one column for each supply."""
        slots = self._words.slots("supply", supply_ids)
        asked = [self._placing.held("demand", id) for id in demand_ids]
        return np.array([total(self._scoring.parts("demand", held, slots), len(slots)) for held in asked])

    def score(self, demand_id: int, supply_id: int) -> float:
        """The score of any pair, refused by a filter or not. KeyError as in explain."""
        return float(self.table([demand_id], [supply_id])[0, 0])

    def explain(self, demand_id: int, supply_id: int) -> Suggestion:
        """Any pair, refused by a filter or not: its score and the parts that add up to it. KeyError: no such id."""
        ours, theirs = self._placing.held("demand", demand_id), self._placing.held("supply", supply_id)
        parts = self._scoring.parts("demand", ours, np.array([theirs.slot]))
        shares = {name: float(values[0]) for name, values in parts.items() if values[0] > 0}
        score = float(total(parts, 1)[0])
        return Suggestion(demand_id, supply_id, score, self._pairing.reason(ours, theirs, shares))

    def guess(self, side: Side, id: int) -> tuple[Guess, ...]:
        """What the listing seems to be about, as its text says. KeyError: no such id."""
        held = self._placing.held(side, id)
        written = touches(self._synonyms.uses(held.record.words), self._placing.said(held.row))
        return guesses(held.record, written)
