"""How vectors.npz was made: once, by hand, on any machine with numpy and scipy. The product never runs this.

    python -m broker.matching.meaning.vectors.recipe MODEL WORDNET vectors.npz

MODEL is a folder with model.safetensors and vocab.txt of all-MiniLM-L6-v2, WORDNET one with data.noun, data.verb,
data.adj and data.adv of WordNet 3.1. About an hour on one core.

1. Every word piece is read by the encoder alone: a first vector for each.
2. Every gloss and example sentence of WordNet, and every phrase that words.toml says, is read by the encoder whole. A
   phrase is then moved halfway towards its entry, the mean of all its phrases: so the field's own language is in the
   table, beside the encoder's general one.
3. The vectors are corrected by ridge regression so that, weighted by rarity and added up, they come near to these.
4. The leading directions, which all pieces share, are dropped; the rest are evened out, cut to 128 and rounded to a
   whole number between -127 and 127 with one scale for each piece.
"""

import json
import random
import re
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.special import erf

from broker.matching.synonyms import Entry, shipped

Floats = NDArray[np.float32]

LONGEST = 60  # pieces of a text that are read
TOWARDS = 0.5  # how far a phrase is moved to its entry
PHRASE = 2.0  # how many glosses one phrase counts for
RIDGE = 1.0
ROUNDS = 30
DROPPED, EVENED, KEPT = 3, 0.4, 128
_TYPES = {"F32": np.float32, "I64": np.int64}
_ROWS_AT_ONCE = 4_096


class Encoder:
    """all-MiniLM-L6-v2 in plain numpy: BERT with 6 layers, 12 heads, 384 wide, the mean of the last layer."""

    def __init__(self, folder: Path) -> None:
        self.pieces = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
        self._number = {piece: number for number, piece in enumerate(self.pieces)}
        self._weights = _tensors((folder / "model.safetensors").read_bytes())

    def split(self, text: str) -> list[int]:
        """The numbers of the pieces of a text."""
        plain = unicodedata.normalize("NFD", text.lower())
        bare = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn").replace("_", " _ ")
        return [number for word in re.findall(r"\w+|[^\w\s]", bare) for number in self._split_word(word)]

    def _split_word(self, word: str) -> list[int]:
        found: list[int] = []
        start = 0
        while start < len(word):
            begun = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if begun + word[start:end] in self._number)
            end = next(ends, None)
            if end is None:
                return [self._number["[UNK]"]]
            found.append(self._number[begun + word[start:end]])
            start = end
        return found

    def vectors(self, texts: Sequence[list[int]]) -> Floats:
        """One row of length 1 for each text, given as pieces."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found = np.zeros((len(texts), 384), dtype=np.float32)
        for block in _of_one_length(order, texts):
            marked = np.array([[self._number["[CLS]"], *texts[each], self._number["[SEP]"]] for each in block])
            found[block] = self._read(marked)
        return found

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


def _of_one_length(order: Sequence[int], texts: Sequence[list[int]]) -> Iterator[list[int]]:
    block: list[int] = []
    for number in order:
        full = len(block) * (len(texts[number]) + 2) >= _ROWS_AT_ONCE
        if block and (full or len(texts[block[0]]) != len(texts[number])):
            yield block
            block = []
        block.append(number)
    if block:
        yield block


def glosses(folder: Path) -> list[str]:
    """WordNet's definitions (every other one after its words) and examples."""
    found: list[str] = []
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text(encoding="latin-1").split("\n"):
            if line and not line.startswith("  "):
                found += _said(part, line)
    return found


def _said(part: str, line: str) -> list[str]:
    fields = line.split(" | ", maxsplit=1)[0].split()
    said = line.split(" | ", 1)[1].strip()
    words = [re.sub(r"\([^()]*\)", "", fields[4 + 2 * each]).replace("_", " ") for each in range(int(fields[3], 16))]
    if part == "noun" and words[0][:1].isupper():
        return []
    examples = [example for example in re.findall(r'"([^"]+)"', said) if len(example) > 15]
    *before, last = said.split('"')[::2]
    meaning = "".join([*(part.rstrip().removesuffix(";") for part in before), last]).strip(" ;")
    named = random.Random(meaning).random() < 0.5  # noqa: S311 a repeatable choice, no secret
    return ([f"{', '.join(words[:3])}: {meaning}" if named else meaning] if len(meaning) > 15 else []) + examples


def phrases(entries: Iterable[Entry]) -> tuple[list[str], list[int]]:
    """What entries say, and for each phrase the number of its entry."""
    said = [(phrase, number) for number, entry in enumerate(entries) for phrase in entry.say]
    return [phrase for phrase, _ in said], [number for _, number in said]


def gathered(vectors: Floats, groups: Sequence[int]) -> Floats:
    """Each vector moved towards the mean of its group, and brought back to length 1."""
    means = np.zeros((max(groups) + 1, vectors.shape[1]), dtype=np.float32)
    np.add.at(means, groups, vectors)
    out: Floats = _unit((1 - TOWARDS) * vectors + TOWARDS * _unit(means)[groups])
    return out


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def corrected(alone: Floats, sums: csr_array, whole: Floats, counts: Floats) -> Floats:
    """The vectors of single pieces, moved as little as need be so that their weighted sums come near the whole texts.

    Ridge regression by conjugate gradients, all 384 columns at once. counts: how much each text counts.
    """
    scale = float(((sums @ alone) * whole).sum() / ((sums @ alone) ** 2).sum())
    turned = csr_array(sums.T)
    left = turned @ (counts[:, None] * (whole - scale * (sums @ alone)))
    moved, step, size = np.zeros_like(alone), left.copy(), (left**2).sum(axis=0)
    for _ in range(ROUNDS):
        along = turned @ (counts[:, None] * (sums @ step)) + RIDGE * step
        length = size / ((step * along).sum(axis=0) + 1e-12)
        moved += length * step
        left -= length * along
        before, size = size, (left**2).sum(axis=0)
        step = left + size / (before + 1e-12) * step
    out: Floats = scale * alone + moved
    return out


def weighted(texts: Sequence[list[int]], pieces: int, rarity_from: int) -> csr_array:
    """One row of length 1 for each text: its pieces, each by how often it occurs, and how rare it is in the first."""
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    columns = np.concatenate([np.array(text, dtype=np.int64) for text in texts])
    counts = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(texts), pieces))
    counts.sum_duplicates()
    found = np.bincount(counts[:rarity_from].indices, minlength=pieces)
    counts.data = (1 + np.log(counts.data)) * (1 + np.log((1 + rarity_from) / (1 + found)))[counts.indices]
    lengths = np.sqrt(counts.multiply(counts).sum(axis=1))
    return csr_array(diags_array(1 / lengths) @ counts).astype(np.float32)


def evened(vectors: Floats) -> Floats:
    """Turned to their main directions, without the first DROPPED, the next KEPT damped by the power EVENED."""
    unit = _unit(vectors)
    centred = unit - unit.mean(axis=0)
    spread, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    chosen = slice(DROPPED, DROPPED + KEPT)
    turned = (centred @ directions[:, ::-1])[:, chosen]
    out: Floats = (turned / np.sqrt(spread[::-1][chosen]) ** EVENED).astype(np.float32)
    return out


def main(model: str, wordnet: str, target: str) -> None:
    """Makes the table."""
    encoder = Encoder(Path(model))
    alone = encoder.vectors([[number] for number in range(len(encoder.pieces))])
    said, groups = phrases(shipped().entries.values())
    general, own = ([encoder.split(text)[:LONGEST] for text in each] for each in (glosses(Path(wordnet)), said))
    whole = np.vstack([encoder.vectors(general), gathered(encoder.vectors(own), groups)])
    counts = np.repeat(np.array([1.0, PHRASE], dtype=np.float32), [len(general), len(own)])
    table = evened(corrected(alone, weighted(general + own, len(alone), len(general)), whole, counts))
    scales = np.maximum(np.abs(table).max(axis=1) / 127, np.finfo(np.float32).tiny).astype(np.float32)
    rows = np.rint(table / scales[:, None]).astype(np.int8)
    pieces = np.frombuffer("\n".join(encoder.pieces).encode(), dtype=np.uint8)
    np.savez_compressed(target, pieces=pieces, rows=rows, scales=scales)


if __name__ == "__main__":
    main(*sys.argv[1:])
