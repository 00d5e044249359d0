"""What was read and weighed comes back as it was, and only for the reader that read it."""

from collections import Counter

from flask import Flask
from sqlalchemy import func, select

from broker.domain.clock import now
from broker.store.base import db
from broker.store.counts import (
    TextWords,
    Weighing,
    forget_words,
    keep_weighing,
    keep_words,
    last_weighing,
    stamp_weighing,
    stored_words,
    text_hash,
)


def test_words_come_back_in_their_order(database: Flask) -> None:
    cup, empty = text_hash("A cup of tea"), text_hash("")
    keep_words({cup: ["cup", "tea", "cup", "caffè"], empty: []}, "reader-1")
    assert stored_words([cup, empty, text_hash("tea")], "reader-1") == {cup: ["cup", "tea", "cup", "caffè"], empty: []}
    assert stored_words([cup], "reader-2") == {}
    keep_words({cup: ["tea"]}, "reader-2")
    assert stored_words([cup], "reader-1") == {}
    assert stored_words([cup], "reader-2") == {cup: ["tea"]}


def test_thousands_of_texts_at_once(database: Flask) -> None:
    many = {text_hash(f"text {number}"): [f"text{number}"] for number in range(1200)}
    keep_words(many, "reader")
    assert stored_words(many, "reader") == many
    kept = list(many)[:7]
    forget_words(kept)
    assert stored_words(many, "reader") == {key: many[key] for key in kept}


def test_a_text_takes_little_room(database: Flask) -> None:
    words = [f"{word}{number % 9}" for number in range(10) for word in ("garden", "kitchen", "evening", "repair")]
    keep_words({text_hash("long"): words}, "reader")
    size = db.session.scalar(select(func.length(TextWords.stems)))
    assert size is not None
    assert size < len(" ".join(words)) / 2


def test_even_half_a_character_has_a_hash(database: Flask) -> None:
    assert text_hash("\ud83d") != text_hash("")


def test_the_last_weighing_comes_back(database: Flask) -> None:
    assert last_weighing() is None
    counts = Counter({"laptop": 3, "caffè": 1})
    keep_weighing("engine-1", 4, counts, now())
    stamp = keep_weighing("engine-2", 5, counts, now())
    kept = last_weighing()
    assert kept is not None
    assert (kept.engine, kept.listings, kept.words, kept.changed, kept.stamp) == ("engine-2", 5, counts, 0, stamp)
    assert db.session.scalar(select(func.count()).select_from(Weighing)) == 1


def test_a_stamp_serves_once(database: Flask) -> None:
    first = keep_weighing("engine", 5, {}, now())
    second = stamp_weighing(first, changed=2)
    assert second not in (None, first)
    assert stamp_weighing(first) is None
    third = stamp_weighing(second or "", changed=1)
    db.session.expire_all()
    kept = last_weighing()
    assert kept is not None
    assert (kept.stamp, kept.changed) == (third, 3)
