"""Search a network of several labels and two outputs: which properties a digit has."""

import numpy as np
import paddle
from choice import Choice, Supernet, search
from paddle import nn
from sklearn.datasets import load_digits

paddle.seed(0)


class SeveralLabels(Supernet):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 16)
        self.activation = Choice(relu=nn.ReLU(), tanh=nn.Tanh())
        self.head, self.auxiliary = nn.Linear(16, 3), nn.Linear(16, 3)

    def forward(self, image):
        features = self.body(image.flatten(1))
        return self.head(self.activation(features)), self.auxiliary(features)

    def criterion(self, outputs, label):
        main, auxiliary = (nn.functional.binary_cross_entropy_with_logits(logits, label) for logits in outputs)
        return main + 0.4 * auxiliary


def all_right(outputs, label):
    """The share of samples whose labels are all right."""
    return ((outputs[0] > 0) == (label > 0.5)).all(axis=1).astype("float32").mean()


digits, classes = load_digits(return_X_y=True)
digits, classes = (digits.reshape([-1, 8, 8]) / 16)[:256].astype("float32"), classes[:256]
properties = np.stack([classes % 2 == 0, classes > 4, np.isin(classes, [0, 6, 8, 9])], axis=1).astype("float32")
several = search(SeveralLabels(), (digits, properties), ["binary_accuracy", all_right], num_epochs=10)
