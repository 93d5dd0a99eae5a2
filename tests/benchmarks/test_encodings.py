"""benchmarks.quality.encodings: each text is encoded once, and the vectors are the service's."""

from pathlib import Path

import numpy as np

from benchmarks.quality.encodings import Encoders, RememberingEncoder, embeddings_of
from matcher.adapter import AdaptedEncoder, Adapter
from matcher.embeddings import TaxonomyEmbeddings, labels
from tests.benchmarks.toys import HashingEncoder
from tests.matcher.small_world import small_taxonomy


def turning() -> Adapter:
    """An adapter that moves every vector."""
    random = np.random.default_rng(3)
    matrix = np.eye(HashingEncoder.dim) + 0.1 * random.normal(size=(HashingEncoder.dim,) * 2)
    return Adapter(
        matrix.astype(np.float32),
        np.full(HashingEncoder.dim, 0.02, np.float32),
        HashingEncoder.name,
    )


def test_a_text_is_encoded_once_and_comes_back_in_its_place():
    inner = HashingEncoder()
    encoder = RememberingEncoder(inner)
    first = encoder.encode(["las", "jahit", "las"])
    second = encoder.encode(["jahit", "masak"])
    assert inner.asked == ["las", "jahit", "masak"]
    assert np.array_equal(first, HashingEncoder().encode(["las", "jahit", "las"]))
    assert np.array_equal(second, HashingEncoder().encode(["jahit", "masak"]))
    assert encoder.encode([]).shape == (0, inner.dim)
    assert encoder.name == inner.name


def test_the_taxonomy_s_vectors_come_from_the_service_s_cache(tmp_path: Path):
    taxonomy = small_taxonomy()
    TaxonomyEmbeddings.open(taxonomy, HashingEncoder(), tmp_path)
    inner = HashingEncoder()
    encoder = RememberingEncoder(inner)
    encoder.remember_taxonomy(taxonomy, tmp_path)
    texts = labels(taxonomy)[1]
    assert np.allclose(encoder.encode(texts), HashingEncoder().encode(texts), atol=1e-6)
    assert inner.asked == []


def test_embeddings_in_memory_are_those_of_the_service(tmp_path: Path):
    taxonomy = small_taxonomy()
    for encoder in (HashingEncoder(), AdaptedEncoder(HashingEncoder(), turning())):
        own = embeddings_of(taxonomy, encoder)
        theirs = TaxonomyEmbeddings.open(taxonomy, encoder, tmp_path)
        assert own.targets == theirs.targets
        assert own.texts == theirs.texts
        assert np.allclose(own.vectors, theirs.vectors, atol=1e-6)
        assert np.allclose(own.mean, theirs.mean, atol=1e-6)


def test_an_adapter_is_measured_beside_the_bare_encoder_and_encodes_no_text_again():
    inner = HashingEncoder()
    encoders = Encoders.of(AdaptedEncoder(inner, turning()))
    bare = encoders.plain.encode(["las"])
    assert encoders.adapted is encoders.titian
    assert np.allclose(encoders.titian.encode(["las"]), turning().apply(bare))
    assert inner.asked == ["las"]
    assert encoders.titian.name == AdaptedEncoder(inner, turning()).name


def test_without_an_adapter_titian_links_with_the_bare_encoder():
    encoders = Encoders.of(HashingEncoder())
    assert encoders.adapted is None
    assert encoders.titian is encoders.plain
