"""matcher.embeddings: vectors of a small taxonomy's labels by the real encoder, and their file."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from matcher.embeddings import BATCH, TaxonomyEmbeddings, embed, labels, likeness
from matcher.encoder import BuiltinEncoder, Encoder
from matcher.taxonomy import Alias, Taxonomy
from tests.matcher.small_world import ALIASES, OCCUPATIONS, UNITS, small_taxonomy, taxonomy_parts


class CountingEncoder(BuiltinEncoder):
    """The real encoder, counting the texts it is asked for."""

    asked = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += len(texts)
        return super().encode(texts)


def tiny_taxonomy(**changes: list) -> Taxonomy:
    """Two occupations and a unit of each: quick to embed."""
    parts = taxonomy_parts()
    kept = ("cook", "tailor", "cook.01", "tailor.01")
    return Taxonomy(
        **{
            "occupations": [entry for entry in parts["occupations"] if entry.code in kept],
            "units": [entry for entry in parts["units"] if entry.code in kept],
            "schemes": [],
            "licences": [],
            "aliases": [],
            "neighbours": [],
        }
        | changes
    )


def unit_number(code: str) -> int:
    return small_taxonomy().concept_number[code]


# Labels


def test_every_title_in_both_languages_and_every_alias_is_a_label():
    targets, texts = labels(small_taxonomy())
    expected = {(entry[0], title) for entry in OCCUPATIONS for title in entry[1:3]}
    expected |= {(entry[0], title) for entry in UNITS for title in entry[1:3]}
    expected |= set(ALIASES)
    assert set(zip(targets, texts, strict=True)) == expected
    assert len(targets) == len(expected)


def test_a_wording_stands_once_for_one_code_and_again_for_another():
    aliases = [Alias("cook", "KOKI"), Alias("cook", "koki", "en"), Alias("tailor", "koki")]
    targets, texts = labels(tiny_taxonomy(aliases=aliases))
    found = [target for target, text in zip(targets, texts, strict=True) if text.lower() == "koki"]
    assert found == ["cook", "tailor"]


# Vectors


def test_vectors_are_the_encoders_less_their_mean_at_unit_length(
    embeddings: TaxonomyEmbeddings, encoder: Encoder
):
    raw = encoder.encode(embeddings.texts).astype(np.float64)
    centred = raw - raw.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert embeddings.vectors.dtype == np.float32
    assert np.allclose(embeddings.vectors, centred, atol=1e-4)
    assert np.allclose(embeddings.centre(raw), centred, atol=1e-4)


def test_texts_are_embedded_alike_in_batches_of_any_size(encoder: Encoder):
    texts = [f"las {number}" for number in range(BATCH + 3)]
    found = embed(encoder, texts)
    assert found.shape == (len(texts), encoder.dim)
    for place in (0, BATCH - 1, BATCH, BATCH + 2):
        assert np.allclose(found[place], encoder.encode([texts[place]])[0], atol=1e-5)
    assert embed(encoder, []).shape == (0, encoder.dim)


def test_a_units_vector_is_the_direction_of_the_mean_of_its_labels(embeddings: TaxonomyEmbeddings):
    places = [i for i, target in enumerate(embeddings.targets) if target == "smaw-welder.01"]
    assert len(places) == 3
    mean = embeddings.vectors[places].mean(axis=0)
    found = embeddings.unit_vectors[unit_number("smaw-welder.01")]
    assert np.allclose(found, mean / np.linalg.norm(mean), atol=1e-5)
    assert embeddings.unit_vectors.shape == (len(UNITS), embeddings.vectors.shape[1])


# Likeness


def test_likeness_rises_from_nothing_through_a_half_to_one():
    values = likeness(np.array([-1.0, 0.0, 0.62, 0.9, 1.0]))
    assert values[0] < values[1] < 0.001
    assert values[2] == pytest.approx(0.5)
    assert 0.98 < values[3] < values[4] < 1


def test_every_unit_is_most_like_itself_and_likeness_is_mutual(embeddings: TaxonomyEmbeddings):
    table = np.array([embeddings.likeness_of_unit(number) for number in range(len(UNITS))])
    assert table.shape == (len(UNITS), len(UNITS))
    assert np.allclose(table, table.T, atol=1e-6)
    assert (table.diagonal() > 0.99).all()
    assert (table <= table.diagonal()[:, None] + 1e-6).all()


def test_welding_is_liker_to_welding_than_to_cooking(embeddings: TaxonomyEmbeddings):
    cosines = embeddings.unit_vectors @ embeddings.unit_vectors.T
    weld, tig, cook = map(unit_number, ("smaw-welder.01", "gtaw-welder.01", "cook.01"))
    assert cosines[weld, tig] > cosines[weld, cook] + 0.1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("menjahit baju kemeja pakai mesin", "tailor.01"),
        ("menyapu dan membersihkan dapur", "cook.03"),
        ("menghitung PPh karyawan", "tax-clerk.01"),
        ("drive a truck", "truck-driver.01"),
    ],
)
def test_a_paraphrase_is_likest_to_its_unit(
    embeddings: TaxonomyEmbeddings, encoder: Encoder, text: str, code: str
):
    vector = embeddings.centre(encoder.encode([text]))[0]
    found = embeddings.likeness_of_vector(vector)
    assert int(found.argmax()) == unit_number(code)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()


# The files


def asked_for(taxonomy: Taxonomy, encoder: CountingEncoder, folder: Path) -> int:
    """How many texts opening the embeddings makes the encoder read."""
    before = encoder.asked
    TaxonomyEmbeddings.open(taxonomy, encoder, folder)
    return encoder.asked - before


def test_a_second_opening_reads_the_file_and_asks_the_encoder_nothing(tmp_path: Path):
    encoder = CountingEncoder()
    folder = tmp_path / "new" / "cache"
    first = TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, folder)
    asked = encoder.asked
    second = TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, folder)
    assert asked == len(first.texts)
    assert encoder.asked == asked
    assert np.array_equal(first.vectors, second.vectors)
    assert first.space == second.space


def test_vectors_are_mapped_from_the_file_and_cannot_be_changed(tmp_path: Path):
    vectors = TaxonomyEmbeddings.open(tiny_taxonomy(), BuiltinEncoder(), tmp_path).vectors
    assert isinstance(vectors, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        vectors[0] = 0


def test_a_new_word_is_the_only_one_the_encoder_is_asked_for(tmp_path: Path):
    encoder = CountingEncoder()
    assert asked_for(tiny_taxonomy(), encoder, tmp_path) > 1
    grown = tiny_taxonomy(aliases=[Alias("cook", "juru dapur")])
    assert asked_for(grown, encoder, tmp_path) == 1
    once = TaxonomyEmbeddings.open(grown, encoder, tmp_path)
    anew = TaxonomyEmbeddings.open(grown, encoder, tmp_path / "elsewhere")
    assert np.allclose(once.vectors, anew.vectors, atol=1e-6)
    assert np.allclose(once.mean, anew.mean, atol=1e-6)


def test_a_word_of_an_earlier_taxonomy_is_known_when_it_comes_back(tmp_path: Path):
    encoder = CountingEncoder()
    asked_for(tiny_taxonomy(aliases=[Alias("cook", "juru dapur")]), encoder, tmp_path)
    for path in tmp_path.glob("taxonomy-*.npy"):
        path.unlink()
    assert asked_for(tiny_taxonomy(), encoder, tmp_path) == 0


def test_another_encoder_embeds_every_word_and_gets_a_space_of_its_own(tmp_path: Path):
    encoder = CountingEncoder()
    first = TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path)
    encoder.name = "another"
    assert asked_for(tiny_taxonomy(), encoder, tmp_path) == len(first.texts)
    assert TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path).space != first.space


def test_another_wording_gets_a_space_of_its_own(tmp_path: Path):
    """Vectors centred on another mean cannot be compared with those stored before."""
    encoder = CountingEncoder()
    first = TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path)
    grown = tiny_taxonomy(aliases=[Alias("cook", "juru dapur")])
    assert TaxonomyEmbeddings.open(grown, encoder, tmp_path).space != first.space


def test_of_workers_that_start_together_one_computes_and_the_others_wait(tmp_path: Path):
    encoders = [CountingEncoder() for _ in range(4)]
    start = Barrier(len(encoders))

    def work(encoder: CountingEncoder) -> np.ndarray:
        start.wait()
        return np.array(TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path).vectors)

    with ThreadPoolExecutor(len(encoders)) as threads:
        found = list(threads.map(work, encoders))
    assert sorted(encoder.asked > 0 for encoder in encoders) == [False, False, False, True]
    assert all(np.array_equal(vectors, found[0]) for vectors in found)


DAMAGES = {
    "empty": lambda whole: b"",
    "noise": lambda whole: b"\x13\x37" * 500,
    "a zip": lambda whole: b"PK\x03\x04" + whole,
    "a pickle": lambda whole: b"\x80\x04K\x01.",
    "cut in the header": lambda whole: whole[:60],
    "cut by a byte": lambda whole: whole[:-1],
    "a broken bracket in the header": lambda whole: whole.replace(b"'shape': (", b"'shape': [", 1),
    "a word of the header gone": lambda whole: whole.replace(b"False", b"Fal(e", 1),
    "one row": lambda whole: re.sub(rb"'shape': \(\d+,", lambda m: b"'shape': (1,", whole, count=1),
    "numbers of another kind": lambda whole: whole.replace(b"<f4", b"<i4", 1),
}


def damage(path: Path, kind: str) -> bytes:
    """Damage a file; its whole content before."""
    whole = path.read_bytes()
    damaged = DAMAGES[kind](whole)
    assert damaged != whole
    path.write_bytes(damaged)
    return whole


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_taxonomy_file_is_made_anew_from_the_known_words(kind: str, tmp_path: Path):
    encoder = CountingEncoder()
    vectors = np.array(TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path).vectors)
    (path,) = tmp_path.glob("taxonomy-*.npy")
    whole = damage(path, kind)
    asked = encoder.asked
    mended = TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path)
    assert encoder.asked == asked
    assert np.array_equal(mended.vectors, vectors)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("kind", sorted(DAMAGES.keys() - {"one row"}))
def test_when_both_files_are_damaged_every_word_is_embedded_anew(kind: str, tmp_path: Path):
    encoder = CountingEncoder()
    vectors = np.array(TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path).vectors)
    wholes = {path: damage(path, kind) for path in tmp_path.glob("*.npy")}
    assert len(wholes) == 2
    assert asked_for(tiny_taxonomy(), encoder, tmp_path) == len(vectors)
    assert {path: path.read_bytes() for path in wholes} == wholes


def test_a_file_of_float64_is_made_anew(tmp_path: Path):
    encoder = CountingEncoder()
    TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path)
    (path,) = tmp_path.glob("taxonomy-*.npy")
    np.save(path, np.load(path).astype(np.float64))
    assert TaxonomyEmbeddings.open(tiny_taxonomy(), encoder, tmp_path).vectors.dtype == np.float32


def test_when_the_encoder_fails_no_half_written_file_is_left(tmp_path: Path):
    class Failing(BuiltinEncoder):
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        TaxonomyEmbeddings.open(tiny_taxonomy(), Failing(), tmp_path)
    assert list(tmp_path.glob("*.npy")) == []
    assert asked_for(tiny_taxonomy(), CountingEncoder(), tmp_path) > 0  # and the lock is free
