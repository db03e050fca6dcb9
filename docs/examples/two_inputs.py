"""Search a network of two inputs: the left and the right half of a digit."""

import paddle
from choice import Choice, Supernet, search
from paddle import nn
from sklearn.datasets import load_digits

paddle.seed(0)


class TwoInputs(Supernet):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(32, 16), nn.Linear(32, 16)
        self.activation = Choice(relu=nn.ReLU(), tanh=nn.Tanh())
        self.classifier = nn.Linear(16, 10)

    def forward(self, left, right):
        return self.classifier(self.activation(self.left(left.flatten(1)) + self.right(right.flatten(1))))

    def criterion(self, outputs, label):
        return nn.functional.cross_entropy(outputs, label)


digits, classes = load_digits(return_X_y=True)
digits, classes = (digits.reshape([-1, 8, 8]) / 16)[:256].astype("float32"), classes[:256]
halves = search(TwoInputs(), (digits[:, :, :4], digits[:, :, 4:], classes), ["accuracy"], num_epochs=10)
