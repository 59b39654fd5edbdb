"""What training makes of samples: a confidence that means its share, and more of it in good company."""

from __future__ import annotations

import numpy as np

from bench.train_confidence import Samples, learn_confidence
from knowledge.features import SCORES, WINNER

_SHOPS, _EACH = 4, 300


def samples() -> Samples:
    """Messages of some shops: half in scope, and one feature that tells with noise which winner is right."""
    dice = np.random.default_rng(1)
    count = _SHOPS * _EACH
    in_scope = dice.random(count) < 0.5
    features = np.zeros((count, len(WINNER)))
    features[:, 0] = in_scope + dice.normal(scale=0.7, size=count)
    return Samples(
        features=features,
        right=in_scope & (dice.random(count) < 0.9),
        in_scope=in_scope,
        asks=np.ones(count, np.bool_),
        shops=np.repeat(np.arange(_SHOPS), _EACH),
        winners=np.tile(np.arange(_EACH), _SHOPS),
    )


def test_confidence_means_its_share_and_grows_beside_another_clear_question() -> None:
    taught = samples()
    trained = learn_confidence(taught, np.zeros(len(SCORES)))
    sure = np.array([trained.confidence(each) for each in taught.features])
    assert abs(sure.mean() - taught.right.mean()) < 0.02
    high = sure > 0.8
    assert high.any() and abs(sure[high].mean() - taught.right[high].mean()) < 0.1
    assert trained.beside(0.5, 0.9) > 0.5
