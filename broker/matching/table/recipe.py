"""How vectors.npz was made: once, by hand, on any machine with numpy and scipy. The product never runs this.

    python -m broker.matching.table.recipe MODEL vectors.npz

MODEL is a folder with model.safetensors and vocab.txt of all-MiniLM-L6-v2. A few minutes on two cores.

1. Every word piece is read by the encoder alone: a vector for each.
2. The leading directions, which all pieces share, are dropped; the rest are evened out, cut to 128 and rounded to a
   whole number between -127 and 127 with one scale for each piece.
"""

import json
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Floats = NDArray[np.float32]

DROPPED, EVENED, KEPT = 3, 0.4, 128
_TYPES = {"F32": np.float32, "I64": np.int64}
_AT_ONCE = 1_365


class Encoder:
    """all-MiniLM-L6-v2 in plain numpy: BERT with 6 layers, 12 heads, 384 wide, the mean of the last layer."""

    def __init__(self, folder: Path) -> None:
        self.pieces = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
        self._number = {piece: number for number, piece in enumerate(self.pieces)}
        self._weights = _tensors((folder / "model.safetensors").read_bytes())

    def vectors(self, pieces: Sequence[int]) -> Floats:
        """One row of length 1 for each piece, read alone between the marks of a text's start and end."""
        marked = np.array([[self._number["[CLS]"], piece, self._number["[SEP]"]] for piece in pieces])
        return np.vstack([self._read(block) for block in np.array_split(marked, len(marked) // _AT_ONCE + 1)])

    def _read(self, numbers: NDArray[np.int64]) -> Floats:
        weights = self._weights
        length = numbers.shape[1]
        here = weights["embeddings.word_embeddings.weight"][numbers]
        here = here + weights["embeddings.position_embeddings.weight"][:length]
        here = self._even(here + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(6):
            here = self._layer(here, f"encoder.layer.{layer}.")
        mean = here.mean(axis=1)
        unit: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit

    def _layer(self, here: Floats, name: str) -> Floats:
        batch, length, width = here.shape
        asked, given, said = (
            self._linear(here, f"{name}attention.self.{part}").reshape(batch, length, 12, 32).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        attention = asked @ given.transpose(0, 1, 3, 2) / np.float32(np.sqrt(32))
        attention = np.exp(attention - attention.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        heard = (attention @ said).transpose(0, 2, 1, 3).reshape(batch, length, width)
        here = self._even(
            self._linear(heard, f"{name}attention.output.dense") + here, f"{name}attention.output.LayerNorm"
        )
        wide = self._linear(here, f"{name}intermediate.dense")
        wide = wide * 0.5 * (1 + erf(wide / np.float32(np.sqrt(2))))
        return self._even(self._linear(wide, f"{name}output.dense") + here, f"{name}output.LayerNorm")

    def _linear(self, here: Floats, name: str) -> Floats:
        out: Floats = here @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return out

    def _even(self, here: Floats, name: str) -> Floats:
        centred = here - here.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        out: Floats = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return out


def _tensors(stored: bytes) -> dict[str, Floats]:
    """What a safetensors file holds: a length, a JSON header of that length, then the numbers."""
    (length,) = struct.unpack("<Q", stored[:8])
    header = json.loads(stored[8 : 8 + length])
    body = stored[8 + length :]
    return {
        name: np.frombuffer(body[slice(*facts["data_offsets"])], _TYPES[facts["dtype"]]).reshape(facts["shape"])
        for name, facts in header.items()
        if name != "__metadata__"
    }


def evened(vectors: Floats) -> Floats:
    """Turned to their main directions, without the first DROPPED, the next KEPT damped by the power EVENED."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    centred = unit - unit.mean(axis=0)
    spread, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    chosen = slice(DROPPED, DROPPED + KEPT)
    turned = (centred @ directions[:, ::-1])[:, chosen]
    out: Floats = (turned / np.sqrt(spread[::-1][chosen]) ** EVENED).astype(np.float32)
    return out


def main(model: str, target: str) -> None:
    """Makes the table."""
    encoder = Encoder(Path(model))
    table = evened(encoder.vectors(range(len(encoder.pieces))))
    scales = np.maximum(np.abs(table).max(axis=1) / 127, np.finfo(np.float32).tiny).astype(np.float32)
    rows = np.rint(table / scales[:, None]).astype(np.int8)
    pieces = np.frombuffer("\n".join(encoder.pieces).encode(), dtype=np.uint8)
    np.savez_compressed(target, pieces=pieces, rows=rows, scales=scales)


if __name__ == "__main__":
    main(*sys.argv[1:])
