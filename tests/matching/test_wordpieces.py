"""Texts cut as the encoder learned to read them: by hand, on a list of a few pieces."""

import numpy as np
import pytest

from broker.matching.meaning.table import Table
from broker.matching.meaning.wordpieces import UNKNOWN, WordPieces

PIECES = ["[PAD]", "cafe", "warm", "##er", "##s", "room", ",", "$", "5", "#", "日", "本", "-", "’", "co", "##op"]


@pytest.fixture
def cut() -> WordPieces:
    return WordPieces(Table(PIECES, np.zeros((len(PIECES), 1), np.int8), np.ones(len(PIECES), np.float32)))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("warm room", ["warm", "room"]),
        ("Warmer rooms", ["warm", "##er", "room", "##s"]),
        ("CAFÉ, cafe\u0301", ["cafe", ",", "cafe"]),
        ("co-op", ["co", "-", "[UNK]"]),
        ("coop’s", ["co", "##op", "’", "[UNK]"]),
        ("$5#room", ["$", "5", "#", "room"]),
        ("日本room", ["日", "本", "room"]),
        ("ro\u200bom\u00a0wa\u00adrm\x00", ["room", "warm"]),
        ("xylophone warm", ["[UNK]", "warm"]),
        ("warm" + "s" * 200, ["[UNK]"]),
        ("🙂", ["[UNK]"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_a_text_is_cut(cut: WordPieces, text: str, pieces: list[str]) -> None:
    assert cut(text) == [UNKNOWN if piece == "[UNK]" else PIECES.index(piece) for piece in pieces]
