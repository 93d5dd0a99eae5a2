"""The taxonomy's embeddings: computed once, kept in a file, mapped into every worker.

Every occupation and unit has several labels (titles in two languages, aliases); each label has one
vector. Raw cosines of the encoder lie in a narrow high band, so vectors are centred on the mean of
all labels before they are compared (the "all but the mean" step of Mu and Viswanath 2018).
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from tqdm import tqdm

from matcher.adapter import AdaptedEncoder
from matcher.encoder import Encoder
from matcher.taxonomy import Taxonomy

BATCH = 64
LIKENESS_MIDDLE = 0.62  # centred cosine at which two wordings mean the same as often as not
LIKENESS_WIDTH = 0.07


def likeness(cosine: np.ndarray) -> np.ndarray:
    """Centred cosine -> [0, 1]: a logistic curve, about 0 where wordings are unrelated."""
    return 1.0 / (1.0 + np.exp(-(cosine - LIKENESS_MIDDLE) / LIKENESS_WIDTH))


class TaxonomyEmbeddings:
    """targets: code of each label's occupation or unit; texts: the labels; vectors: float32[n, d],
    centred, unit length; mean: float32[d]; encoder_name."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        targets: Sequence[str],
        texts: Sequence[str],
        vectors: np.ndarray,
        mean: np.ndarray,
        encoder_name: str,
    ) -> None:
        self.targets = tuple(targets)
        self.texts = tuple(texts)
        self.vectors = vectors
        self.mean = mean
        self.encoder_name = encoder_name
        centre = hashlib.sha256(np.ascontiguousarray(mean, dtype="<f4").tobytes()).hexdigest()
        self.space = f"{encoder_name}/{centre[:8]}"  # vectors of one space can be compared
        self._taxonomy = taxonomy

    @classmethod
    def open(
        cls,
        taxonomy: Taxonomy,
        encoder: Encoder,
        folder: Path,
        show_progress: bool = False,
    ) -> "TaxonomyEmbeddings":
        """From the folder's file when it fits taxonomy and encoder, else computed and kept there.

        Texts that were embedded before are not embedded again. A damaged file is computed anew.
        One process computes at a time; the others wait for its file.
        """
        targets, texts = labels(taxonomy)
        digest = hashlib.sha256(
            "\x00".join([encoder.name, str(encoder.dim), *texts]).encode()
        ).hexdigest()[:16]
        path = folder / f"taxonomy-{digest}.npy"
        stored = _read(path, len(texts), encoder.dim)
        if stored is None:
            with _one_at_a_time(folder):
                stored = _read(path, len(texts), encoder.dim)
                if stored is None:
                    raw = raw_vectors(encoder, texts, folder, show_progress)
                    mean = raw.mean(axis=0)
                    _write(path, np.vstack([mean, centred(raw, mean)]).astype(np.float32))
                    stored = _read(path, len(texts), encoder.dim)
            if stored is None:
                raise OSError(f"{path} could not be written and read back")
        return cls(taxonomy, targets, texts, stored[1:], np.asarray(stored[0]), encoder.name)

    def centre(self, vectors: np.ndarray) -> np.ndarray:
        """Encoder output float32[n, d] -> centred unit vectors, comparable with `vectors`."""
        return centred(np.asarray(vectors, dtype=np.float32), self.mean)

    @cached_property
    def unit_vectors(self) -> np.ndarray:
        """float32[units, d]: the mean of each unit's labels, unit length, by concept number."""
        sums = np.zeros((self._taxonomy.unit_count, self.vectors.shape[1]), dtype=np.float32)
        for place, target in enumerate(self.targets):
            if target in self._taxonomy.units:
                sums[self._taxonomy.concept_number[target]] += self.vectors[place]
        return _unit_length(sums)

    def likeness_of_unit(self, number: int) -> np.ndarray:
        """float32[units]: likeness of the wording of one unit, by concept number, to every unit."""
        return self.likeness_of_vector(self.unit_vectors[number])

    def likeness_of_vector(self, vector: np.ndarray) -> np.ndarray:
        """float32[units]: likeness of a centred unit vector's text to every unit."""
        return likeness(self.unit_vectors @ vector.astype(np.float32)).astype(np.float32)


def labels(taxonomy: Taxonomy) -> tuple[list[str], list[str]]:
    """Codes and texts of every label: titles in both languages and aliases, each once a code; at the
    end the wordings of work outside the taxonomy."""
    targets, texts = [], []
    seen = set()
    entries = [*taxonomy.occupations.values(), *taxonomy.units.values()]
    for entry in entries:
        for text in (
            entry.title_id,
            entry.title_en,
            *taxonomy.aliases_of.get(entry.code, ()),
        ):
            key = (entry.code, text.casefold())
            if key not in seen:
                seen.add(key)
                targets.append(entry.code)
                texts.append(text)
    targets += [wording.target for wording in taxonomy.outside]
    texts += [wording.text for wording in taxonomy.outside]
    return targets, texts


def embed(encoder: Encoder, texts: Sequence[str], show_progress: bool = False) -> np.ndarray:
    """float32[n, d] of many texts, in batches, with a progress bar if wanted."""
    parts = [
        encoder.encode(texts[start : start + BATCH])
        for start in tqdm(
            range(0, len(texts), BATCH),
            desc="Embedding the taxonomy's words",
            unit=f" x {BATCH}",
            disable=not show_progress,
            mininterval=1,
        )
    ]
    return np.concatenate(parts) if parts else np.zeros((0, encoder.dim), np.float32)


def raw_vectors(
    encoder: Encoder, texts: Sequence[str], folder: Path, show_progress: bool = False
) -> np.ndarray:
    """float32[n, d] of the texts; those known from an earlier taxonomy or adapter come from the
    folder."""
    if isinstance(encoder, AdaptedEncoder):
        return encoder.adapter.apply(raw_vectors(encoder.base, texts, folder, show_progress))
    path = folder / f"words-{hashlib.sha256(encoder.name.encode()).hexdigest()[:16]}.npy"
    keys = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
    known = _known_vectors(path, encoder.dim)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    known.update(zip(new, embed(encoder, list(new.values()), show_progress), strict=True))
    if new:
        entries = np.zeros(len(set(keys)), dtype=_entry_type(encoder.dim))
        for place, key in enumerate(dict.fromkeys(keys)):
            entries[place] = (key, known[key])
        _write(path, entries)
    return np.array([known[key] for key in keys], dtype=np.float32)


def _entry_type(dim: int) -> np.dtype:
    return np.dtype([("key", "V16"), ("vector", "<f4", (dim,))])


def _known_vectors(path: Path, dim: int) -> dict[bytes, np.ndarray]:
    try:
        with path.open("rb") as file:
            entries = np.lib.format.read_array(file)
    except Exception:  # NumPy raises half a dozen kinds for a damaged header
        return {}
    if entries.dtype != _entry_type(dim) or entries.ndim != 1:
        return {}
    return {
        bytes(key): vector for key, vector in zip(entries["key"], entries["vector"], strict=True)
    }


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "embedding.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def centred(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """float32[n, d] less the mean, each row of unit length."""
    return _unit_length(vectors - mean)


def _unit_length(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(norms, 1e-12)).astype(np.float32)


def _read(path: Path, count: int, dim: int) -> np.ndarray | None:
    try:
        stored = np.lib.format.open_memmap(path, mode="r")
    except Exception:  # NumPy raises half a dozen kinds for a damaged header
        return None
    fits = stored.shape == (count + 1, dim) and stored.dtype == np.float32
    return stored if fits else None


def _write(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npy")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, array)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
