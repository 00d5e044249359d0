"""Listings placed many at once stand where each would alone, and what is quick says what is exact."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from broker.matching import Market
from broker.matching.facts import Codes
from broker.matching.lexical.index import Lexical
from broker.matching.meaning.nearby import Nearby
from broker.matching.meaning.spelling import Spelling
from broker.matching.meaning.table import shipped as shipped_table
from broker.matching.subjects import Said, Subjects, touches
from broker.matching.synonyms import shipped
from broker.matching.text import stems, words
from broker.matching.weights import SHIPPED
from tests.matching.make import need, offer

TEXTS = (
    "Somebody to do the books for our food bank, and laptops for the homework club",
    "Management accounts and refurbished notebooks from our finance team",
    "Minibus hire with a driver, bid writing, and a van for one day",
    "Laptops, tablets, laptops",
    "Refurbishing the village hall: plasterers, joiners and a skip",
    "A warm space, hot meals and a lunch club on Fridays",
    "",
)


def test_listings_put_in_bulk_stand_as_if_they_came_one_by_one() -> None:
    listings = [(number % 40, Counter(stems(TEXTS[number * 5 % len(TEXTS)]))) for number in range(70)]
    alone, together = Lexical(), Lexical()
    for id, counts in listings:
        alone.put("supply", id, counts)
    together.put_all("supply", listings)
    for core in (alone, together):
        core.put("demand", 1, Counter(stems(TEXTS[0])))
        core.reweigh()
    assert together.weighing == alone.weighing
    assert together.best("demand", [1], 50) == alone.best("demand", [1], 50)
    slots = together.slots("supply", range(40))
    assert [int(together.ids("supply")[slot]) for slot in slots] == list(range(40))
    together.remove("supply", 7)
    with pytest.raises(KeyError):
        together.slots("supply", [6, 7])


def test_a_listing_points_the_same_way_alone_and_among_others() -> None:
    core, nearby = Lexical(), Nearby(shipped_table(), SHIPPED.near_words)
    core.put_all("supply", ((number, Counter(stems(text))) for number, text in enumerate(TEXTS)))
    core.reweigh()
    nearby.learn(core.words(range(len(core.idf))))
    together = nearby.towards(core.rows("supply", range(len(TEXTS))))
    for number in range(len(TEXTS)):
        assert (nearby.towards(core.rows("supply", [number]))[0] == together[number]).all()
    assert together[0].any()
    assert not together[-1].any()


def test_entries_are_found_alike_by_what_holds_them_and_listing_by_listing() -> None:
    """Before and after the look-up by entry is made anew, and for listings that changed since."""
    subjects = Subjects(Codes(), Codes())
    found = [touches(shipped().uses_of(stems(text)), dict.fromkeys(stems(text), Said(0.3, 1.0))) for text in TEXTS]
    slots = np.arange(700)
    many = [found[slot % len(found)] for slot in slots]
    some = np.array([3, 8, 650])
    for changed in (slots, some, some[:1]):
        moved = [many[slot + 1] for slot in changed] if len(changed) < 700 else many
        subjects.put(changed, [need(int(slot)) for slot in changed], moved)
        for asked in found:
            quick, exact = (subjects.shared(asked, slots, exact=exact) for exact in (False, True))
            np.testing.assert_allclose(quick, exact, atol=1e-12)
    assert subjects.shared(found[0], slots, exact=True).any()


def test_a_word_is_found_by_its_letters_whenever_it_came() -> None:
    spelling = Spelling()
    spelling.learn(["shield", "field"])
    assert spelling.alike("sheild", 0)[0].tolist() == []
    spelling.learn(["shields", "tea", "shielded"])
    assert spelling.alike("shield", 0)[0].tolist() == [0, 2, 4]
    assert spelling.alike("shield", 1)[0].tolist() == [2, 4]
    assert spelling.alike("tea", 0)[0].tolist() == []


def test_stems_are_those_of_the_words() -> None:
    texts = (
        *TEXTS,
        "one-to-one e-mail youth-led don't 12 Chester Road, M33 2AB www.a.org WWW.B.ORG a@b.c x:y LANE Lane",
    )
    for text in texts:
        assert stems(text) == [root for root, _ in words(text)]


def test_a_new_weighing_places_listings_as_a_new_market_does() -> None:
    demand = [need(number, text) for number, text in enumerate(TEXTS, 1)]
    supply = [offer(number, text) for number, text in enumerate(reversed(TEXTS), 50)]
    grown = Market(demand[:2], supply[:3])
    for each in demand[2:]:
        grown.put("demand", each)
    for each in supply[3:]:
        grown.put("supply", replace(each, text="to be corrected"))
        grown.put("supply", each)
    grown.reweigh()
    fresh = Market(demand, supply)
    ids = [each.id for each in demand], [each.id for each in supply]
    assert (grown.table(*ids) == fresh.table(*ids)).all()
