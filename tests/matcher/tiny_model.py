"""A real sentence-transformers model of random weights: two layers, sixteen dimensions, letters for words."""

from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
VOCABULARY = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "tukang", "las", "jahit"),
    *LETTERS,
    *(f"##{letter}" for letter in LETTERS),
]
DIMENSIONS = 16


def save_tiny_model(folder: Path) -> Path:
    """The folder of a saved model."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(VOCABULARY), encoding="utf-8")
    bert = folder / "bert"
    BertTokenizerFast(str(vocabulary)).save_pretrained(bert)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=DIMENSIONS,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(bert)
    words = Transformer(str(bert), max_seq_length=64)
    model = SentenceTransformer(modules=[words, Pooling(DIMENSIONS)], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"
