"""matcher.adapter: the linear head on the encoder, and its file."""

from pathlib import Path

import numpy as np
import pytest

from matcher.adapter import SHIPPED, AdaptedEncoder, Adapter, AdapterError, adapted
from matcher.encoder import BuiltinEncoder, Encoder


def random_adapter(dim: int = 384, name: str = BuiltinEncoder.name) -> Adapter:
    rng = np.random.default_rng(3)
    matrix = np.eye(dim, dtype=np.float32) + 0.1 * rng.standard_normal((dim, dim), np.float32)
    return Adapter(matrix, 0.1 * rng.standard_normal(dim, np.float32), name)


def test_the_head_centres_turns_and_brings_to_unit_length():
    adapter = random_adapter(6)
    vectors = np.random.default_rng(4).standard_normal((5, 6))
    expected = []
    for vector in vectors:
        centred = vector - adapter.mean
        turned = adapter.matrix.astype(np.float64) @ (centred / np.linalg.norm(centred))
        expected.append(turned / np.linalg.norm(turned))
    assert np.allclose(adapter.apply(vectors), expected, atol=1e-5)
    assert adapter.apply(vectors).dtype == np.float32


def test_a_saved_adapter_is_the_same_to_half_precision(tmp_path: Path):
    adapter = random_adapter(8)
    adapter.save(tmp_path / "adapter.npz")
    loaded = Adapter.load(tmp_path / "adapter.npz")
    assert loaded.encoder_name == adapter.encoder_name
    assert np.allclose(loaded.matrix, adapter.matrix, atol=2e-3)
    assert np.allclose(loaded.mean, adapter.mean, atol=2e-3)
    assert loaded.matrix.dtype == loaded.mean.dtype == np.float32


def damaged(whole: bytes) -> dict[str, bytes]:
    middle = len(whole) // 3
    return {
        "empty": b"",
        "noise": b"\x13\x37" * 500,
        "half": whole[: len(whole) // 2],
        "only a zip's first bytes": whole[:4],
        "bytes in the middle changed": whole[:middle] + b"\xff" * 40 + whole[middle + 40 :],
        "a pickle": b"\x80\x04K\x01.",
    }


@pytest.mark.parametrize("kind", damaged(b"x" * 300))
def test_a_damaged_file_is_refused_by_name(kind: str, tmp_path: Path):
    path = tmp_path / "adapter.npz"
    random_adapter(8).save(path)
    path.write_bytes(damaged(path.read_bytes())[kind])
    with pytest.raises(AdapterError, match=str(path)):
        Adapter.load(path)


def test_another_file_of_arrays_is_refused(tmp_path: Path):
    for number, arrays in enumerate([{"a": np.eye(2)}, {"matrix": np.eye(2), "mean": np.ones(3)}]):
        path = tmp_path / f"{number}.npz"
        np.savez(path, encoder=np.array("x"), **arrays)
        with pytest.raises(AdapterError, match=str(path)):
            Adapter.load(path)
    np.save(tmp_path / "plain.npy", np.eye(2))
    with pytest.raises(AdapterError, match="plain"):
        Adapter.load(tmp_path / "plain.npy")


def test_a_missing_file_leaves_the_encoder_as_it_is(tmp_path: Path):
    encoder = BuiltinEncoder()
    assert adapted(encoder, tmp_path / "none.npz") is encoder


def test_an_adapter_of_another_encoder_is_left_alone(tmp_path: Path):
    random_adapter(name="another").save(tmp_path / "adapter.npz")
    encoder = BuiltinEncoder()
    assert adapted(encoder, tmp_path / "adapter.npz") is encoder


def test_the_adapter_that_ships_fits_the_builtin_encoder(encoder: Encoder):
    assert isinstance(encoder, AdaptedEncoder)
    adapter = Adapter.load(SHIPPED)
    assert adapter.matrix.shape == (encoder.dim, encoder.dim)
    assert np.isfinite(adapter.matrix).all()
    assert np.linalg.matrix_rank(adapter.matrix) == encoder.dim


def test_another_head_gives_another_name_so_that_vectors_are_never_mixed(encoder: Encoder):
    other = AdaptedEncoder(BuiltinEncoder(), random_adapter())
    assert len({other.name, encoder.name, BuiltinEncoder.name}) == 3


def test_an_adapted_encoder_is_the_head_on_the_encoder(encoder: Encoder):
    texts = ["tukang las", "🔥"]
    raw = BuiltinEncoder().encode(texts)
    assert np.allclose(encoder.encode(texts), Adapter.load(SHIPPED).apply(raw), atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dim)
