"""Training on the taxonomy's own words: the adapter, with sentence-transformers' losses, and the
weights that fuse the likenesses, with SciPy and scikit-learn.

Only this module of the engine needs torch and scikit-learn, and only `titian taxonomy train`
imports it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesSymmetricRankingLoss
from sklearn.linear_model import LogisticRegression
from torch import nn
from tqdm import tqdm

from matcher.adapter import Adapter
from matcher.embeddings import labels
from matcher.encoder import SentenceTransformerEncoder
from matcher.evaluation import is_held_out
from matcher.fusion import (
    FEATURES,
    OF_TITLES,
    Fusion,
    Fusions,
    LabelSide,
    leads,
    occupation_codes,
    trade_prior,
)
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
        trade = taxonomy.units[code].occupation if code in taxonomy.units else code
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


MISSED_SHARE = 0.3  # tuning wordings whose own code is taken away, so that nothing is right
REAL_WEIGHT = 3.0  # of what an employer wrote, beside a wording of ours
RIDGE = 1e-3  # weight of the squared weights


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """features: float32[n, codes, FEATURES]; right: bool[n, codes]; weight: of each example."""

    features: np.ndarray
    right: np.ndarray
    weight: float = 1.0


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
    occupations, on labelled titles compared with all labels: never on what is held out for evaluation.
    """
    codes = occupation_codes(taxonomy)
    ours = _wordings_as_examples(codes, targets, texts, vectors)
    if titles:
        real = _titles_as_examples(taxonomy, codes, targets, texts, vectors, titles, encode)
        occupations = _fit(codes, [ours, real], _looked_for(taxonomy, codes, titles))
    else:
        real, occupations = ours, _fit(codes, [ours])
    scores = occupations.scores(real.features, codes)
    occupations = replace(occupations, calibration=calibration(scores, real.right))
    codes = list(taxonomy.units)
    ours = _wordings_as_examples(codes, targets, texts, vectors)
    units = _fit(codes, [_without(ours, OF_TITLES)])
    robbed = _rob(np.random.default_rng(seed), ours)
    scores = units.scores(robbed.features, codes)
    trades = [taxonomy.units[codes[place]].occupation for place in ours.right.argmax(axis=1)]
    told = scores + [trade_prior(taxonomy, trade) for trade in trades]
    return Fusions(
        occupations,
        replace(units, calibration=calibration(scores, robbed.right)),
        replace(units, calibration=calibration(told, robbed.right)),
    )


def _wordings_as_examples(
    codes: Sequence[str], targets: Sequence[str], texts: Sequence[str], vectors: np.ndarray
) -> Examples:
    """The tuning wordings of some codes against the labels that may train."""
    kept = np.array([trains(text) for text in texts])
    tuning = np.array([not trains(text) and not is_held_out(text) for text in texts])
    known = set(codes)
    own = np.array([target in known for target in targets])
    left = np.flatnonzero(own & (kept | _only_wording(targets, kept))).tolist()
    asked = np.flatnonzero(own & tuning).tolist()
    side = LabelSide(
        codes, [targets[place] for place in left], [texts[place] for place in left], vectors[left]
    )
    return Examples(
        side.features([texts[place] for place in asked], vectors[asked]),
        np.array([[code == targets[place] for code in codes] for place in asked]),
    )


def _titles_as_examples(
    taxonomy: Taxonomy,
    codes: Sequence[str],
    targets: Sequence[str],
    texts: Sequence[str],
    vectors: np.ndarray,
    titles: Sequence[LabelledTitle],
    encode: Callable[[Sequence[str]], np.ndarray],
) -> Examples:
    """Real titles against all labels; all work outside is right for a title outside."""
    side = LabelSide(codes, targets, texts, vectors)
    words = [title.text for title in titles]
    outside = frozenset(codes) - taxonomy.occupations.keys()
    right = [[code in (title.right or outside) for code in codes] for title in titles]
    return Examples(side.features(words, encode(words)), np.array(right), REAL_WEIGHT)


def _looked_for(
    taxonomy: Taxonomy, codes: Sequence[str], titles: Sequence[LabelledTitle]
) -> np.ndarray:
    """float64[codes]: log(1 + titles) of each occupation; 0 for work outside."""
    counts = dict.fromkeys(codes, 0.0)
    for title in titles:
        for code in title.right & taxonomy.occupations.keys():
            counts[code] += 1 / len(title.right)
    return np.log1p([counts[code] for code in codes])


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
    codes: Sequence[str], examples: Sequence[Examples], looked_for: np.ndarray | None = None
) -> Fusion:
    """A fusion whose calibration is still to be fitted."""
    if looked_for is None:
        return Fusion(conditional_logit(examples), (0.0, 1.0, 0.0))
    weights = conditional_logit(
        [
            replace(one, features=np.dstack([one.features, _repeated(looked_for, one)]))
            for one in examples
        ]
    )
    gained = {code: weights[-1] * often for code, often in zip(codes, looked_for, strict=True)}
    return Fusion(
        weights[:-1],
        (0.0, 1.0, 0.0),
        {code: round(gain, 6) for code, gain in gained.items() if gain},
    )


def _without(examples: Examples, names: Sequence[str]) -> Examples:
    """The same examples, in which some features never say anything, so that they get no weight."""
    features = examples.features.copy()
    features[..., [FEATURES.index(name) for name in names]] = 0.0
    return replace(examples, features=features)


def _repeated(values: np.ndarray, examples: Examples) -> np.ndarray:
    """float32[n, codes]: the same value of a code in every example."""
    return np.broadcast_to(values.astype(np.float32), examples.right.shape)


def conditional_logit(examples: Sequence[Examples]) -> tuple[float, ...]:
    """Weights under which the right codes of each text get the greatest share of a softmax over all
    codes (McFadden 1974; where several are right, their shares are added). Texts for which nothing is
    right teach nothing. The weights are kept small by RIDGE.
    """
    parts = []
    for one in examples:
        told = one.right.any(axis=1)
        parts.append((one.features[told], one.right[told], one.weight))
    whole = sum(weight * len(right) for _, right, weight in parts)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for features, right, weight in parts:
            scores = (features @ weights.astype(np.float32)).astype(np.float64)
            scores -= scores.max(axis=1, keepdims=True)
            shares = np.exp(scores)
            of_right = shares * right
            value -= (
                weight
                / whole
                * float((np.log(of_right.sum(axis=1)) - np.log(shares.sum(axis=1))).sum())
            )
            pull = of_right / of_right.sum(axis=1, keepdims=True)
            pull -= shares / shares.sum(axis=1, keepdims=True)
            slope = slope - weight / whole * np.einsum(
                "nc,nck->k", pull.astype(np.float32), features
            ).astype(np.float64)
        return value, slope

    start = np.ones(parts[0][0].shape[2])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-10})
    return tuple(round(float(weight), 6) for weight in found.x)


def calibration(scores: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    """Constant and weights of score and lead, of the logistic function that tells how probably the
    best code of each text is right. scores: float[n, codes]; right: bool[n, codes]."""
    best = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    model = LogisticRegression(C=1.0).fit(
        np.stack([scores[rows, best], leads(scores)[rows, best]], axis=1), right[rows, best]
    )
    constant, own, lead = (round(float(value), 6) for value in (*model.intercept_, *model.coef_[0]))
    return constant, own, lead


def _rob(random: np.random.Generator, examples: Examples) -> Examples:
    """Take the right code away from a share of the rows, as if the taxonomy did not know it."""
    features, right = examples.features.copy(), examples.right.copy()
    for row in np.flatnonzero(random.random(len(features)) < MISSED_SHARE):
        features[row, right[row]] = 0.0
        right[row] = False
    return Examples(features, right)
