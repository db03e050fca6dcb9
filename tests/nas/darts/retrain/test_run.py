import numpy as np

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.retrain import RetrainSettings, retrain_genotype


def test_the_seed_decides_the_result():
    dataset = load_dataset("digits", limit=100)
    settings = RetrainSettings(channels=2, layers=2, epochs=1, batch_size=16)

    def train(seed):
        trained = retrain_genotype(DARTS_V2, dataset.train, dataset.test, dataset.augmentation, settings, seed=seed)
        return trained.model.classifier.weight.numpy()

    first = train(1)
    np.testing.assert_array_equal(first, train(1))
    assert np.abs(first - train(2)).max() > 1e-3
