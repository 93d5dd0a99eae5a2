"""Embeds the taxonomy once for all test processes, before any of them waits for it."""

from matcher.embeddings import TaxonomyEmbeddings
from matcher.encoder import open_encoder
from seed_data.taxonomy_files import read_taxonomy
from tests.web.conftest import CACHE

if __name__ == "__main__":
    TaxonomyEmbeddings.open(read_taxonomy(), open_encoder("builtin"), CACHE, show_progress=True)
