"""The matcher's front door: a Market of demand and supply, ranked both ways, each pair explained.

A small library that never hears of web pages, tables or people:

    market = Market(demand, supply)
    market.best("demand", k=20)[need_id]            # [Scored(id, score), ...], best first
    market.explain(need_id, offer_id).reason        # parts that add up to the score
    market.put("supply", record)                    # live: under the weighing of before
"""

from broker.matching.lexical.index import Progress, Weighing
from broker.matching.market import Market
from broker.matching.records import (
    PART_NAMES,
    Dates,
    Guess,
    Part,
    PartName,
    Reason,
    Record,
    Scored,
    Side,
    Suggestion,
    WordShare,
)
from broker.matching.weights import Weights

__all__ = [
    "PART_NAMES",
    "Dates",
    "Guess",
    "Market",
    "Part",
    "PartName",
    "Progress",
    "Reason",
    "Record",
    "Scored",
    "Side",
    "Suggestion",
    "Weighing",
    "Weights",
    "WordShare",
]
