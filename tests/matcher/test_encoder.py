"""matcher.encoder: the built-in encoder, sentence-transformers models, and clear refusals."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from matcher.encoder import LONGEST_TEXT, BuiltinEncoder, Encoder, EncoderError, open_encoder
from tests.matcher.tiny_model import DIMENSIONS

TEXTS = ["tukang las", "penjahit kemeja", "welder", "🔥", "", "kepala dapur " * 30]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# The built-in encoder


def test_the_builtin_encoder_gives_unit_vectors_of_384_numbers(encoder: Encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dim) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_a_texts_vector_does_not_depend_on_the_texts_beside_it(encoder: Encoder):
    together = encoder.encode(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.allclose(encoder.encode([text])[0], vector, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder):
    assert encoder.encode([]).shape == (0, 384)


def test_two_languages_of_one_trade_are_nearer_than_two_trades(encoder: Encoder):
    sew, tailor, weld = encoder.encode(["menjahit pakaian", "sewing clothes", "welding pipes"])
    assert sew @ tailor > sew @ weld


def test_no_more_than_the_beginning_of_a_text_is_read(encoder: Encoder):
    beginning = ("mengelas pipa " * 200)[:LONGEST_TEXT]
    one, other = encoder.encode([beginning, beginning + " dan memasak" * 10_000])
    assert np.array_equal(one, other)


def test_signs_that_no_text_should_hold_are_read_as_others(encoder: Encoder):
    one, other, half, mark = encoder.encode(["las\x00pipa", "las pipa", "las \ud83d", "las ?"])
    assert np.allclose(one, other, atol=1e-5)
    assert np.allclose(half, mark, atol=1e-5)


def test_threads_do_not_disturb_one_another(encoder: Encoder):
    texts = [f"mengelas pipa nomor {number}" for number in range(24)]
    alone = [encoder.encode([text])[0] for text in texts]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda text: encoder.encode([text])[0], texts))
    assert np.array_equal(np.array(alone), np.array(together))


def test_the_builtin_encoder_needs_neither_network_nor_torch():
    program = """
import sys

def refuse(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        raise RuntimeError(f"the network was asked for: {event}")

sys.addaudithook(refuse)
from matcher.encoder import open_encoder
vectors = open_encoder("builtin").encode(["tukang las"])
print(vectors.shape, "torch" in sys.modules)
"""
    result = run(program)
    assert result.stdout.strip() == "(1, 384) False", result.stderr


def test_the_refusal_of_the_network_in_these_tests_is_real():
    program = """
import socket, sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError("refused")

sys.addaudithook(refuse)
socket.create_connection(("127.0.0.1", 9), timeout=1)
"""
    assert "RuntimeError: refused" in run(program).stderr


# Refusals


def refusal(name: str, **options) -> str:
    with pytest.raises(EncoderError) as caught:
        open_encoder(name, **options)
    assert caught.value.__cause__ is None  # one error, and not the library's under it
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", ["", "bert", "BUILTIN", "builtin "])
def test_an_unknown_encoder_is_refused_with_the_names_that_work(name: str):
    assert "use builtin or st:HUB_ID or st:/folder" in refusal(name, may_load_torch=True)


def test_a_model_without_its_process_is_refused_where_torch_may_not_be_loaded(tmp_path: Path):
    message = refusal("st:/some/model", socket=tmp_path / "encoder.sock")
    assert "titian encoder" in message
    assert "/some/model" in message


@pytest.mark.parametrize("missing", ["no_such_folder", "empty_folder", "folder_of_something_else"])
def test_a_missing_model_gives_one_clear_error(missing: str, tmp_path: Path):
    folder = tmp_path / missing
    if missing != "no_such_folder":
        folder.mkdir()
    if missing == "folder_of_something_else":
        (folder / "modules.json").write_text("not json", encoding="utf-8")
    message = refusal(f"st:{folder}", may_load_torch=True)
    assert str(folder) in message
    assert "could not be loaded" in message
    assert "TITIAN_ENCODER=st:/path/to/folder" in message


def test_a_hub_id_that_is_not_on_this_machine_gives_one_clear_error():
    """Offline here: a test does not ask the hub."""
    message = refusal("st:titian-tests/no-such-model", may_load_torch=True)
    assert "'titian-tests/no-such-model' could not be loaded" in message
    assert "TITIAN_ENCODER=builtin" in message


# A sentence-transformers model in this process


@pytest.fixture(scope="module")
def tiny_encoder(tiny_model: Path) -> Encoder:
    return open_encoder(f"st:{tiny_model}", may_load_torch=True)


def test_a_model_in_a_folder_gives_unit_vectors(tiny_encoder: Encoder, tiny_model: Path):
    vectors = tiny_encoder.encode(TEXTS)
    assert tiny_encoder.name == f"st:{tiny_model}"
    assert tiny_encoder.dim == DIMENSIONS
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)


def test_a_model_in_a_folder_takes_no_texts_and_broken_ones(tiny_encoder: Encoder):
    assert tiny_encoder.encode([]).shape == (0, DIMENSIONS)
    assert np.isfinite(tiny_encoder.encode(["\x00", "\ud83d", "x" * 100_000])).all()


def test_the_builtin_encoder_is_never_put_in_place_of_a_model(tiny_encoder: Encoder):
    assert not isinstance(tiny_encoder, BuiltinEncoder)
    assert tiny_encoder.name != BuiltinEncoder.name
