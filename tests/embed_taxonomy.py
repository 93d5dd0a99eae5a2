"""Compiles the kernels and embeds the taxonomy once, before any test process waits for them."""

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import open_encoder
from matcher.warming import compile_kernels
from seed_data.taxonomy_files import read_taxonomy
from tests.web.conftest import CACHE

if __name__ == "__main__":
    compile_kernels()
    TaxonomyEmbeddings.open(read_taxonomy(), open_encoder("builtin"), CACHE, show_progress=True)
