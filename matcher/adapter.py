"""A small linear head on a frozen encoder, trained on the taxonomy's own words.

    adapted(x) = unit( W · unit(x − mean) )

W is a square matrix near the identity, so that what the encoder knows of wordings the taxonomy has never seen is
kept. `matcher.training` fits it; the file that ships fits the built-in encoder.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.encoder import Encoder

SHIPPED = Path(__file__).resolve().parent / "adapter.npz"


class AdapterError(ValueError):
    """A file holds no adapter; the message names it."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """matrix: float32[d, d]; mean: float32[d]; encoder_name: what it was trained on."""

    matrix: np.ndarray
    mean: np.ndarray
    encoder_name: str

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        """float32[n, d] of the encoder -> float32[n, d], each row of unit length."""
        centred = _unit_length(np.asarray(vectors, dtype=np.float32) - self.mean)
        return _unit_length(centred @ self.matrix.T)

    @property
    def digest(self) -> str:
        """8 hex digits that change with the head."""
        content = self.matrix.tobytes() + self.mean.tobytes()
        return hashlib.sha256(content).hexdigest()[:8]

    def save(self, path: Path) -> None:
        """Write matrix and mean as float16."""
        np.savez_compressed(
            path,
            matrix=self.matrix.astype(np.float16),
            mean=self.mean.astype(np.float16),
            encoder=np.array(self.encoder_name),
        )

    @classmethod
    def load(cls, path: Path) -> "Adapter":
        """Raises AdapterError when the file is missing, damaged or something else."""
        try:
            with np.load(path) as file:
                matrix, mean = file["matrix"].astype(np.float32), file["mean"].astype(np.float32)
                name = str(file["encoder"])
        except Exception:  # NumPy and zipfile raise a dozen kinds for a damaged file
            raise AdapterError(
                f"{path} holds no adapter: train one with `titian taxonomy train`"
            ) from None
        if matrix.ndim != 2 or matrix.shape != (len(mean), len(mean)):
            raise AdapterError(f"{path} holds a matrix of shape {matrix.shape}")
        return cls(matrix, mean, name)


class AdaptedEncoder:
    """An encoder with its adapter; itself an Encoder."""

    def __init__(self, base: Encoder, adapter: Adapter) -> None:
        self.base = base
        self.adapter = adapter
        self.dim = base.dim
        self.name = f"{base.name}+{adapter.digest}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self.adapter.apply(self.base.encode(texts)) if texts else self.base.encode(texts)


def adapted(encoder: Encoder, path: Path = SHIPPED) -> Encoder:
    """The encoder with the adapter of a file when it was trained for this encoder, else as it is.

    Raises AdapterError when the file is damaged.
    """
    if not path.exists():
        return encoder
    adapter = Adapter.load(path)
    return AdaptedEncoder(encoder, adapter) if adapter.encoder_name == encoder.name else encoder


def _unit_length(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
