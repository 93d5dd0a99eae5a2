"""People and vacancies as dense vectors, for the engines that search nothing else.

A person is the sum of the vectors of what they hold, by strength; a vacancy is the sum of the
vectors of the concepts that meet its requirements, by weight and affinity. So the inner product
of both stands for the score, with a sum over units where the score has a maximum.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.population import Population
from matcher.affinity import AFFINITY_SCALE, taxonomy_affinity
from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import Encoder
from matcher.evidence import STRENGTH_SCALE
from matcher.ranking import WEIGHT_SCALE, Query
from matcher.taxonomy import Taxonomy
from models.enums import ConceptKind

DIM = 384
BLOCK = 100_000  # people turned into vectors at once


class Vectors:
    """concepts: float32[concepts, d]; unit_length: whether people and vacancies are normalised, so
    that the inner product is a cosine."""

    def __init__(self, concepts: np.ndarray, unit_length: bool) -> None:
        self.concepts = np.ascontiguousarray(concepts, dtype=np.float32)
        self.unit_length = unit_length

    @property
    def dim(self) -> int:
        return self.concepts.shape[1]

    def normalised(self) -> "Vectors":
        """The same by cosine, which graphs search better than inner products: those make a few long
        vectors everybody's neighbour (Radovanovic, Nanopoulos and Ivanovic 2010)."""
        return Vectors(self.concepts, unit_length=True)

    def blocks(self, people: Population) -> Iterator[np.ndarray]:
        """float32[<= BLOCK, d] of the people, in order of rows."""
        for start in range(0, len(people), BLOCK):
            starts = people.starts[start : start + BLOCK + 1]
            held = slice(starts[0], starts[-1])
            strengths = people.strengths[held].astype(np.float32) / STRENGTH_SCALE
            matrix = csr_matrix(
                (strengths, people.concepts[held], starts - starts[0]),
                shape=(len(starts) - 1, len(self.concepts)),
            )
            yield self._scaled(matrix @ self.concepts)

    def of_query(self, query: Query) -> np.ndarray:
        """float32[d] of a vacancy."""
        weights = concept_weights(query, len(self.concepts))
        wanted = np.flatnonzero(weights)
        return self._scaled(weights[wanted] @ self.concepts[wanted])

    def _scaled(self, vectors: np.ndarray) -> np.ndarray:
        if not self.unit_length:
            return vectors
        norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
        return vectors / np.maximum(norms, 1e-12)


def concept_weights(query: Query, concept_count: int) -> np.ndarray:
    """float32[concepts]: what a full strength in each concept adds to a vacancy's summed score."""
    weights = np.zeros(concept_count, dtype=np.float32)
    for requirement in query.requirements:
        share = requirement.weight / (WEIGHT_SCALE * AFFINITY_SCALE)
        weights[requirement.affinity.concepts] += share * requirement.affinity.values
    return weights


def affinity_vectors(taxonomy: Taxonomy, dim: int = DIM) -> Vectors:
    """The best dense vectors for this score: the principal axes of all affinities in the taxonomy
    (Eckart and Young 1936: no other `dim` axes keep more of them)."""
    rows = []
    for kind, codes in (
        (ConceptKind.UNIT, taxonomy.units),
        (ConceptKind.OCCUPATION, taxonomy.occupations),
    ):
        for code in codes:
            row = np.zeros(len(taxonomy.concepts))
            for concept, value in taxonomy_affinity(taxonomy, kind, code).items():
                row[concept] = value / AFFINITY_SCALE
            rows.append(row)
    affinities = np.array(rows)
    size = affinities.shape[1]
    with threadpool_limits(1):  # on a busy machine BLAS's threads wait for each other
        axes = eigh(affinities.T @ affinities, subset_by_index=[max(0, size - dim), size - 1])[1]
    return Vectors(axes, unit_length=False)


def text_vectors(taxonomy: Taxonomy, encoder: Encoder, cache: Path) -> Vectors:
    """The usual vectors: text embeddings of the units' labels, compared by cosine."""
    embeddings = TaxonomyEmbeddings.open(taxonomy, encoder, cache, show_progress=True)
    concepts = np.zeros((len(taxonomy.concepts), encoder.dim), dtype=np.float32)
    concepts[: taxonomy.unit_count] = embeddings.unit_vectors
    return Vectors(concepts, unit_length=True)
