"""The built-in encoder and a linker over the small taxonomy, opened once."""

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test looks for a model on the network
# the encoder's threads wait asleep: two test processes on two cores would else wait for each other
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import Encoder, open_encoder
from matcher.linking import Linker
from tests.matcher.small_world import small_taxonomy
from tests.matcher.tiny_model import save_tiny_model

PLACE_CODES = {"bekasi": "32.75", "kota bekasi": "32.75", "surabaya": "35.78", "jawa barat": "32"}


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return open_encoder("builtin")


@pytest.fixture(scope="session")
def embeddings(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> TaxonomyEmbeddings:
    return TaxonomyEmbeddings.open(small_taxonomy(), encoder, tmp_path_factory.mktemp("embeddings"))


@pytest.fixture(scope="session")
def linker(encoder: Encoder, embeddings: TaxonomyEmbeddings) -> Linker:
    return Linker(small_taxonomy(), encoder, embeddings, PLACE_CODES)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sentence-transformers model, made from random weights."""
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))
