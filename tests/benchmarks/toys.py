"""Small stand-ins: an encoder that needs no model, and a cut of the real taxonomy."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from matcher.lexical import grams
from matcher.taxonomy import Taxonomy
from seed_data.taxonomy_files import read_taxonomy


class HashingEncoder:
    """Character n-grams hashed into 64 dimensions, plus one that all texts share, as real encoders
    have it. It counts what it was asked."""

    name = "toy"
    dim = 64

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for gram, count in grams(text).items():
                vectors[row, sha256(gram.encode()).digest()[0] % (self.dim - 1)] += count
            vectors[row, -1] = 2 * max(np.linalg.norm(vectors[row]), 1.0)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cut_taxonomy(trades: int = 2) -> Taxonomy:
    """The first trades of every sector of Titian's taxonomy, whole."""
    whole = read_taxonomy()
    kept: dict[str, list[str]] = {}
    for code, occupation in whole.occupations.items():
        kept.setdefault(occupation.sector, []).append(code)
    codes = {code for sector in kept.values() for code in sector[:trades]}
    units = {code for code, unit in whole.units.items() if unit.occupation in codes}
    return Taxonomy(
        [whole.occupations[code] for code in codes],
        [whole.units[code] for code in units],
        [
            scheme
            for scheme in whole.schemes.values()
            if scheme.occupation in codes and units.issuperset(scheme.units)
        ],
        whole.licences.values(),
        [alias for alias in whole.aliases if alias.target in codes | units],
        [pair for pair in whole.neighbours if {pair.occupation, pair.neighbour} <= codes],
    )
