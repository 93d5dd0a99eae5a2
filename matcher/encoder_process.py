"""One process that holds a sentence-transformers model for all web workers.

They talk over a Unix socket that only the same user can open: a JSON request with the texts, a
reply with the vectors as little-endian float32, or a JSON error. Nothing is pickled.
"""

import json
import os
import threading
from collections.abc import Sequence
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import numpy as np

from matcher.encoder import Encoder, EncoderError, SentenceTransformerEncoder

LONGEST_REQUEST = 64 * 1024 * 1024  # bytes


def serve(model: str, socket: Path, ready: threading.Event | None = None) -> None:
    """Load the model and answer on the socket until the process ends.

    Raises EncoderError when the model cannot be loaded, before the socket appears.
    """
    encoder = SentenceTransformerEncoder(model)
    socket.parent.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    previous = os.umask(0o177)
    try:
        listener = Listener(str(socket), family="AF_UNIX")
    finally:
        os.umask(previous)
    if ready is not None:
        ready.set()
    lock = threading.Lock()
    try:
        while True:
            connection = listener.accept()
            threading.Thread(target=_answer, args=(connection, encoder, lock), daemon=True).start()
    finally:
        listener.close()
        socket.unlink(missing_ok=True)


def _answer(connection: Connection, encoder: Encoder, lock: threading.Lock) -> None:
    with connection:
        try:
            while True:
                try:
                    texts = json.loads(connection.recv_bytes(LONGEST_REQUEST))["texts"]
                    with lock:
                        vectors = encoder.encode(texts)
                except (EOFError, OSError):
                    raise
                except Exception as error:  # whatever one request does, the next is served
                    connection.send_bytes(
                        json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()
                    )
                    continue
                connection.send_bytes(
                    json.dumps(
                        {"name": encoder.name, "dim": encoder.dim, "count": len(vectors)}
                    ).encode()
                )
                connection.send_bytes(vectors.astype("<f4").tobytes())
        except (EOFError, OSError):
            return


class RemoteEncoder:
    """The encoder process, seen from a web worker. Thread-safe; reconnects once."""

    def __init__(self, socket: Path, model: str) -> None:
        self._socket = socket
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self.name = f"st:{model}"
        self.dim = 0
        self.dim = self.encode(["titian"]).shape[1]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        with self._lock:
            try:
                return self._ask(texts)
            except (EOFError, OSError):
                self._connection = None
            try:
                return self._ask(texts)
            except (EOFError, OSError):
                self._connection = None
                raise EncoderError(
                    "the encoder process does not answer: start it again with `titian encoder`"
                ) from None

    def _ask(self, texts: Sequence[str]) -> np.ndarray:
        if self._connection is None:
            self._connection = Client(str(self._socket), family="AF_UNIX")
        self._connection.send_bytes(json.dumps({"texts": list(texts)}).encode())
        head = json.loads(self._connection.recv_bytes())
        if "error" in head:
            raise EncoderError(f"the encoder process could not encode ({head['error']})")
        if head["name"] != self.name:
            raise EncoderError(
                f"the encoder process holds {head['name']}, not {self.name}: restart it"
            )
        vectors = np.frombuffer(self._connection.recv_bytes(), dtype="<f4")
        return vectors.reshape(head["count"], head["dim"]).astype(np.float32)
