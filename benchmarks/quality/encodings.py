"""Encodings kept for one run, so that ten comparisons of one text encode it once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.adapter import AdaptedEncoder
from matcher.embeddings import TaxonomyEmbeddings, centred, embed, labels, raw_vectors
from matcher.encoder import Encoder
from matcher.taxonomy import Taxonomy


class RememberingEncoder:
    """Another encoder that encodes each text once in its life."""

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self.dim = encoder.dim
        self._encoder = encoder
        self._known: dict[str, np.ndarray] = {}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self.remember(new, embed(self._encoder, new))
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return np.array([self._known[text] for text in texts], dtype=np.float32)

    def remember(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Take vectors that were encoded before. vectors: float32[len(texts), dim]."""
        self._known.update(zip(texts, vectors, strict=True))

    def remember_taxonomy(self, taxonomy: Taxonomy, cache: Path) -> None:
        """Take every label's vector from the service's own cache, computed there where missing."""
        texts = labels(taxonomy)[1]
        self.remember(texts, raw_vectors(self._encoder, texts, cache, show_progress=True))


@dataclass(frozen=True, slots=True)
class Encoders:
    """plain: an encoder as it comes; adapted: the same with Titian's adapter, None where no adapter
    fits it; titian: what the service links with, one of the two."""

    plain: RememberingEncoder
    adapted: AdaptedEncoder | None

    @property
    def titian(self) -> Encoder:
        return self.adapted or self.plain

    @classmethod
    def of(cls, opened: Encoder) -> "Encoders":
        """From the encoder that the service opens, which wears its adapter already."""
        if isinstance(opened, AdaptedEncoder):
            plain = RememberingEncoder(opened.base)
            return cls(plain, AdaptedEncoder(plain, opened.adapter))
        return cls(RememberingEncoder(opened), None)


def embeddings_of(taxonomy: Taxonomy, encoder: Encoder) -> TaxonomyEmbeddings:
    """A taxonomy's embeddings in memory, as TaxonomyEmbeddings.open computes them."""
    targets, texts = labels(taxonomy)
    raw = encoder.encode(texts)
    mean = raw.mean(axis=0)
    return TaxonomyEmbeddings(taxonomy, targets, texts, centred(raw, mean), mean, encoder.name)
