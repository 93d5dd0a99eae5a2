"""matcher.encoder_process: one real process holds the model, others ask it over its socket."""

import contextlib
import json
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Client
from pathlib import Path

import numpy as np
import pytest

from matcher.encoder import Encoder, EncoderError, open_encoder
from matcher.encoder_process import RemoteEncoder, serve
from tests.matcher.tiny_model import DIMENSIONS

TEXTS = ["tukang las", "penjahit", "", "🔥 las", "las \ud83d", "x" * 5000]


class EncoderProcess:
    """The process and its socket (a short path: a socket's name has room for 107 signs)."""

    def __init__(self, model: Path) -> None:
        self.model = model
        self.folder = Path(tempfile.mkdtemp(prefix="titian-"))
        self.socket = self.folder / "run" / "encoder.sock"
        self.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        program = (
            "import sys; from pathlib import Path; from matcher.encoder_process import serve; "
            "serve(sys.argv[1], Path(sys.argv[2]))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(self.model), str(self.socket)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the encoder process ended before it answered"
            with contextlib.suppress(EncoderError):
                if self.socket.exists() and self.remote().dim:
                    return
            time.sleep(0.05)
        pytest.fail("the encoder process did not answer in two minutes")

    def kill(self) -> None:
        """As when the machine runs out of memory: nothing is tidied up."""
        self.process.kill()
        self.process.wait()

    def remote(self) -> RemoteEncoder:
        return RemoteEncoder(self.socket, str(self.model))


@pytest.fixture(scope="module")
def process(tiny_model: Path) -> Iterator[EncoderProcess]:
    started = EncoderProcess(tiny_model)
    yield started
    started.kill()
    shutil.rmtree(started.folder)


@pytest.fixture(scope="module")
def local(tiny_model: Path) -> Encoder:
    return open_encoder(f"st:{tiny_model}", may_load_torch=True)


def test_vectors_over_the_socket_are_those_of_the_model(process: EncoderProcess, local: Encoder):
    remote = open_encoder(f"st:{process.model}", process.socket)
    assert isinstance(remote, RemoteEncoder)
    assert (remote.name, remote.dim) == (local.name, DIMENSIONS)
    vectors = remote.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert np.allclose(vectors, local.encode(TEXTS), atol=1e-5)


def test_the_process_is_asked_even_where_torch_may_be_loaded(process: EncoderProcess):
    remote = open_encoder(f"st:{process.model}", process.socket, may_load_torch=True)
    assert isinstance(remote, RemoteEncoder)


def test_no_texts_give_no_vectors(process: EncoderProcess):
    assert process.remote().encode([]).shape == (0, DIMENSIONS)


def test_vectors_can_be_changed_by_whoever_asked(process: EncoderProcess):
    vectors = process.remote().encode(["las"])
    vectors += 1


def test_asking_over_the_socket_does_not_load_torch(process: EncoderProcess):
    program = (
        "import sys; from pathlib import Path; from matcher.encoder import open_encoder; "
        "vectors = open_encoder(sys.argv[1], Path(sys.argv[2])).encode(['las']); "
        "print(vectors.shape, 'torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, f"st:{process.model}", str(process.socket)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout.strip() == f"(1, {DIMENSIONS}) False", result.stderr


def test_many_ask_at_once_and_each_gets_its_own_answer(process: EncoderProcess, local: Encoder):
    texts = [f"las pipa {number}" for number in range(40)]
    expected = local.encode(texts)
    remotes = [process.remote() for _ in range(4)]

    def ask(number: int) -> np.ndarray:
        return remotes[number % len(remotes)].encode([texts[number]])[0]

    with ThreadPoolExecutor(8) as threads:
        found = np.array(list(threads.map(ask, range(len(texts)))))
    assert np.allclose(found, expected, atol=1e-5)


def test_only_the_same_user_can_open_the_socket(process: EncoderProcess):
    mode = process.socket.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_a_worker_that_wants_another_model_is_told_which_one_runs(process: EncoderProcess):
    with pytest.raises(EncoderError, match=r"holds st:.*, not st:another: restart it"):
        RemoteEncoder(process.socket, "another")


@pytest.mark.parametrize("request_bytes", [b"not json", b"{}", b'{"texts": 7}', b"\xff\xfe", b""])
def test_a_broken_request_gets_an_error_and_the_next_one_vectors(
    process: EncoderProcess, request_bytes: bytes
):
    with Client(str(process.socket), family="AF_UNIX") as connection:
        connection.send_bytes(request_bytes)
        assert connection.poll(10)
        assert json.loads(connection.recv_bytes())["error"]
        connection.send_bytes(json.dumps({"texts": ["las"]}).encode())
        assert json.loads(connection.recv_bytes())["count"] == 1
        assert len(connection.recv_bytes()) == 4 * DIMENSIONS


def test_what_the_model_cannot_encode_is_an_encoder_error(process: EncoderProcess):
    remote = process.remote()
    with pytest.raises(EncoderError, match="could not encode"):
        remote.encode([7])  # type: ignore[list-item]
    assert remote.encode(["las"]).shape == (1, DIMENSIONS)


def test_a_killed_process_is_reported_and_one_started_again_is_found(
    process: EncoderProcess, local: Encoder
):
    remote = process.remote()
    process.kill()
    assert process.socket.exists()
    with pytest.raises(EncoderError, match="start it again with `titian encoder`"):
        remote.encode(["las"])
    with pytest.raises(EncoderError, match="start it again with `titian encoder`"):
        open_encoder(f"st:{process.model}", process.socket)
    process.start()
    assert np.allclose(remote.encode(["las"]), local.encode(["las"]), atol=1e-5)


def test_a_missing_model_is_refused_before_the_socket_appears(tmp_path: Path):
    with pytest.raises(EncoderError, match="could not be loaded"):
        serve(str(tmp_path / "no_model"), tmp_path / "encoder.sock")
    assert not (tmp_path / "encoder.sock").exists()
