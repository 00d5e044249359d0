"""The full recipe beside its lexical core: related words, spelling, meaning, subjects and facts, on the same corpus.

Here frequent words are spelt as words that the table of meanings knows: invented ones would have no neighbours, and
the recipe would look quicker than it is.
"""

from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from multiprocessing import get_context

from threadpoolctl import threadpool_limits

from broker.matching import Market
from broker.matching.meaning.table import shipped
from broker.matching.records import Record
from broker.matching.synonyms import shipped as shipped_synonyms
from broker.matching.text import stem
from tests.bench.corpus import Corpus, corpus, spelt
from tests.bench.goals import Line, at_most, figure, told
from tests.bench.market import K, sample
from tests.bench.measuring import calls, cpu, resident

KINDS = ("skills", "volunteering", "funding", "goods", "space")
START = date(2026, 1, 1)
SHORT, ASKED = 6, 60
GOAL, GOAL_SIZE = 15.0, 100_000


def known_words() -> list[str]:
    """Words of the table of meanings, one for each stem, in its order, which is that of how often they are used."""
    table = shipped()
    pieces = table.pieces if table else {}
    words = {stem(piece): piece for piece in pieces if piece.isascii() and piece.isalpha() and len(piece) > 3}
    return [word for root, word in words.items() if root]


def records(side: Corpus, words: list[str], first_id: int, most_words: int | None = None) -> list[Record]:
    """Listings with their facts; most_words cuts them to short ones."""
    found = []
    for row in range(len(side)):
        said = [words[number] if number < len(words) else spelt(number) for number in side.numbers(row)[:most_words]]
        place = int(side.place[row])
        found.append(
            Record(
                id=first_id + row,
                owner=first_id + row,
                title=" ".join(said[:4]),
                text=" ".join(said[4:]),
                kind=KINDS[side.kind[row]],
                lat=None if place < 0 else 53.3 + place % 8 * 0.03,
                lon=None if place < 0 else -2.4 + place // 8 * 0.05,
                from_date=START + timedelta(days=int(side.first_day[row])),
                until_date=START + timedelta(days=int(side.last_day[row])),
                remaining=Decimal(int(side.capacity[row])),
            )
        )
    return found


def full_recipe(size: int) -> list[Line]:
    """One need to its best offers, facts filtered and all parts scored, for long needs and for short ones.

    In a process of its own, so that no memory that others gave back is taken for nothing.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_full_recipe, size).result()


@threadpool_limits.wrap(limits=1)
def _full_recipe(size: int) -> list[Line]:
    shipped_synonyms()
    words = known_words()
    long, short = corpus(size, 1), corpus(ASKED * 2, 7)
    demand = records(long, words, 1) + records(short, words, size + 1, SHORT)
    supply = records(corpus(size, 2), words, 3 * size)
    before = resident()
    seconds, market = cpu(lambda: Market(demand, supply))
    held = (resident() - before) / (len(demand) + len(supply))
    lines = [
        told(size, "the full recipe: reading and placing all listings", f"{figure(seconds)} s CPU"),
        told(size, "the full recipe: memory, the listings themselves left out", f"{figure(held / 1_000)} kB a listing"),
    ]
    asked = {"about 40 words that count": [id + 1 for id in sample(size, 2 * ASKED)]}
    asked[f"{SHORT} words"] = list(range(size + 1, size + 1 + 2 * ASKED))
    for name, ids in asked.items():
        warm = [id for id in ids if id % 2]
        calls(lambda id: market.best("demand", K, [id]), warm[:20])
        taken = calls(lambda id: market.best("demand", K, [id]), [id for id in ids if id not in warm[:20]])
        what = f"the full recipe: a need of {name} to its {K} best, p50"
        told_p50 = at_most(size, what, taken.p50, GOAL, unit=" ms") if size == GOAL_SIZE else None
        lines.append(told_p50 or told(size, what, f"{figure(taken.p50)} ms"))
        lines.append(told(size, f"the same, p99 of {len(taken.milliseconds)}", f"{figure(taken.p99)} ms"))
    return lines
