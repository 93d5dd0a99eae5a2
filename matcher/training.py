"""Training on the taxonomy's own words: the adapter, with sentence-transformers' losses, and the
weights that fuse the likenesses, with scikit-learn.

Only this module of the engine needs torch and scikit-learn, and only `titian taxonomy train`
imports it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesSymmetricRankingLoss
from sklearn.linear_model import LogisticRegression
from torch import nn
from tqdm import tqdm

from matcher.adapter import Adapter
from matcher.embeddings import labels
from matcher.encoder import SentenceTransformerEncoder
from matcher.evaluation import is_held_out
from matcher.fusion import FEATURES, Fusion, Fusions, LabelSide, leads
from matcher.taxonomy import Taxonomy

TUNING_SHARE = 0.20  # of all wordings, held-out ones included: neither trains the adapter


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    epochs: int = 30
    batch: int = 512
    learning_rate: float = 3e-3
    scale: float = 10.0  # inverse temperature of the softmax over the batch
    stay: float = 3e-4  # weight of the squared distance from the identity
    seed: int = 1


def trains(text: str) -> bool:
    """Whether a wording may train the adapter: neither held out for evaluation nor for tuning."""
    return not is_held_out(text, TUNING_SHARE)


class _Stored(nn.Module):
    """Hands on embeddings that were computed before: the encoder is frozen."""

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        return features


class _Head(nn.Module):
    """A square matrix that begins as the identity, then unit length."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.linear = nn.Linear(dim, dim, bias=False)
        with torch.no_grad():
            self.linear.weight.copy_(torch.eye(dim))

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        vectors = self.linear(features["sentence_embedding"])
        features["sentence_embedding"] = nn.functional.normalize(vectors, dim=1)
        return features


def train_adapter(
    taxonomy: Taxonomy,
    targets: list[str],
    texts: list[str],
    vectors: np.ndarray,
    encoder_name: str,
    settings: TrainingSettings | None = None,
    show_progress: bool = False,
) -> Adapter:
    """An adapter fitted on pairs of wordings of one code; the same for the same seed.

    targets, texts: n codes and wordings; vectors: float32[n, d] of the encoder. A batch holds
    whole trades, so that its negatives are the hardest there are: other units of the same trade.
    Raises ValueError when fewer than two codes have two wordings that may train.
    """
    settings = settings or TrainingSettings()
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    allowed = np.array([trains(text) for text in texts])
    mean = vectors[allowed].mean(axis=0)
    centred = vectors - mean
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    stored = torch.tensor(centred, dtype=torch.float32)
    wordings = _wordings(targets, allowed)
    trades = _trades(taxonomy, wordings)
    if len(wordings) < 2:
        raise ValueError("too few wordings to train on: two codes need two each")
    head = _Head(vectors.shape[1])
    model = SentenceTransformer(modules=[_Stored(), head], device="cpu")
    loss_of = MultipleNegativesSymmetricRankingLoss(model, scale=settings.scale)
    optimiser = torch.optim.AdamW(head.parameters(), lr=settings.learning_rate, weight_decay=0.0)
    identity = torch.eye(vectors.shape[1])
    for _epoch in tqdm(range(settings.epochs), desc="Training", disable=not show_progress):
        for one, other in _batches(random, trades, wordings, settings.batch):
            loss = loss_of(
                [{"sentence_embedding": stored[one]}, {"sentence_embedding": stored[other]}],
                torch.zeros(len(one)),
            )
            loss = loss + settings.stay * ((head.linear.weight - identity) ** 2).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return Adapter(head.linear.weight.detach().numpy().copy(), mean, encoder_name)


def _wordings(targets: list[str], allowed: np.ndarray) -> dict[str, list[int]]:
    """Code -> places of its wordings that may train, for codes with two or more."""
    found: dict[str, list[int]] = {}
    for place in np.flatnonzero(allowed).tolist():
        found.setdefault(targets[place], []).append(place)
    return {code: places for code, places in found.items() if len(places) > 1}


def _trades(taxonomy: Taxonomy, wordings: dict[str, list[int]]) -> list[list[str]]:
    """The codes of each trade: its occupation and units."""
    found: dict[str, list[str]] = {}
    for code in wordings:
        trade = code if code in taxonomy.occupations else taxonomy.units[code].occupation
        found.setdefault(trade, []).append(code)
    return [found[trade] for trade in sorted(found)]


def _batches(
    random: np.random.Generator,
    trades: list[list[str]],
    wordings: dict[str, list[int]],
    size: int,
) -> Iterator[tuple[list[int], list[int]]]:
    """Pairs of wordings of one code each, a batch of whole trades at a time."""
    one: list[int] = []
    other: list[int] = []
    for place in random.permutation(len(trades)):
        for code in trades[place]:
            first, second = random.choice(wordings[code], size=2, replace=False)
            one.append(int(first))
            other.append(int(second))
        if len(one) >= size:
            yield one, other
            one, other = [], []
    if len(one) > 1:
        yield one, other


def fine_tune(
    taxonomy: Taxonomy,
    model_name: str,
    folder: Path,
    epochs: int = 1,
    seed: int = 1,
    batch: int = 64,
    learning_rate: float = 2e-5,
) -> None:
    """Train a whole sentence-transformers model on the same pairs and save it to a folder.

    Uses a GPU where torch finds one. Raises EncoderError when the model cannot be loaded.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = SentenceTransformerEncoder(model_name).model
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    targets, texts = labels(taxonomy)
    wordings = _wordings(targets, np.array([trains(text) for text in texts]))
    trades = _trades(taxonomy, wordings)
    loss_of = MultipleNegativesSymmetricRankingLoss(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    model.train()
    for _epoch in range(epochs):
        for one, other in tqdm(_batches(random, trades, wordings, batch), desc="Fine-tuning"):
            features = [
                {
                    name: value.to(model.device) if hasattr(value, "to") else value
                    for name, value in model.preprocess([texts[place] for place in side]).items()
                }
                for side in (one, other)
            ]
            loss = loss_of(features, torch.zeros(len(one), device=model.device))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.eval()
    model.save(str(folder))


# Fusing the likenesses


@dataclass(frozen=True, slots=True)
class LabelledTitle:
    """A real job title and the occupations that are right for it; none means outside the taxonomy."""

    text: str
    right: frozenset[str]


CANDIDATES = 40  # of each text, the hardest ones, for the fit of the weights
MISSED_SHARE = 0.5  # tuning wordings whose own code is taken away, so that nothing is right


def fit_fusions(
    taxonomy: Taxonomy,
    targets: Sequence[str],
    texts: Sequence[str],
    vectors: np.ndarray,
    titles: Sequence[LabelledTitle],
    encode: Callable[[Sequence[str]], np.ndarray],
    seed: int = 1,
) -> Fusions:
    """Weights and calibration for occupations and units.

    vectors: float32[n, d] of the wordings, as the linker compares them; encode: the same for
    titles. Fitted on the tuning share of wordings, each compared with the labels that remain, and, for
    occupations, on labelled titles: never on what is held out for evaluation.
    """
    random = np.random.default_rng(seed)
    kept = np.array([trains(text) for text in texts])
    tuning = np.array([not trains(text) and not is_held_out(text) for text in texts])
    fitted = []
    for codes in (list(taxonomy.occupations), list(taxonomy.units)):
        known = set(codes)
        own = np.array([target in known for target in targets])
        index = np.flatnonzero(own & (kept | _only_wording(targets, kept))).tolist()
        side = LabelSide(
            codes,
            [targets[place] for place in index],
            [texts[place] for place in index],
            vectors[index],
        )
        asked = np.flatnonzero(own & tuning).tolist()
        features = side.features([texts[place] for place in asked], vectors[asked])
        right = np.array([[code == targets[place] for code in codes] for place in asked])
        real: tuple[np.ndarray, np.ndarray] | None = None
        if titles and codes[0] in taxonomy.occupations:
            words = [title.text for title in titles]
            real = (
                side.features(words, encode(words)),
                np.array([[code in title.right for code in codes] for title in titles]),
            )
        fitted.append(_fit(random, features, right, real))
    return Fusions(*fitted)


def _only_wording(targets: Sequence[str], kept: np.ndarray) -> np.ndarray:
    """bool[n]: the first wording of each code that would keep none."""
    with_one = {target for target, stays in zip(targets, kept, strict=True) if stays}
    found = np.zeros(len(kept), dtype=bool)
    for place, target in enumerate(targets):
        if target not in with_one:
            found[place] = True
            with_one.add(target)
    return found


def _fit(
    random: np.random.Generator,
    features: np.ndarray,
    right: np.ndarray,
    real: tuple[np.ndarray, np.ndarray] | None,
) -> Fusion:
    """Weights from wordings and titles; calibration from titles where there are any, else from
    wordings, some of them robbed of their right code."""
    rows = [*zip(features, right, strict=True)]
    if real is not None:
        rows += [*zip(*real, strict=True)] * 2  # what employers write counts double
    examples, answers = [], []
    for likeness, correct in rows:
        hardest = np.argsort(-likeness[:, :4].sum(axis=1))[:CANDIDATES]
        chosen = np.union1d(hardest, np.flatnonzero(correct))
        examples.append(likeness[chosen])
        answers.append(correct[chosen])
    model = LogisticRegression(C=10.0, max_iter=2000).fit(
        np.concatenate(examples), np.concatenate(answers)
    )
    fusion = Fusion(
        tuple(float(weight) for weight in model.coef_[0][: len(FEATURES)]),
        float(model.intercept_[0]),
        (0.0, 1.0, 0.0),
    )
    if real is None:
        features, right = _rob(random, features, right)
    else:
        features, right = real
    scores = fusion.scores(features)
    best = scores.argmax(axis=1)
    rows_of = np.arange(len(scores))
    calibration = LogisticRegression(C=1.0).fit(
        np.stack([scores[rows_of, best], leads(scores)[rows_of, best]], axis=1),
        right[rows_of, best],
    )
    own, lead = calibration.coef_[0]
    return Fusion(
        fusion.weights, fusion.bias, (float(calibration.intercept_[0]), float(own), float(lead))
    )


def _rob(
    random: np.random.Generator, features: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take the right code away from a share of the rows, as if the taxonomy did not know it."""
    features, right = features.copy(), right.copy()
    for row in np.flatnonzero(random.random(len(features)) < MISSED_SHARE):
        features[row, right[row]] = 0.0
        right[row] = False
    return features, right
