"""Search the activation of a regression: how diabetes progresses, from ten measurements of a patient."""

import paddle
from choice import Choice, Supernet, search
from paddle import nn
from sklearn.datasets import load_diabetes

paddle.seed(0)


class Regression(Supernet):
    def __init__(self):
        super().__init__()
        self.activation = Choice(relu=nn.ReLU(), tanh=nn.Tanh(), linear=nn.Identity())
        self.first, self.last = nn.Linear(10, 16), nn.Linear(16, 1)

    def forward(self, x):
        return self.last(self.activation(self.first(x)))

    def criterion(self, outputs, target):
        return nn.functional.mse_loss(outputs, target)


def adam(weights):
    rate = paddle.optimizer.lr.LinearWarmup(0.01, warmup_steps=5, start_lr=0.0, end_lr=0.01)
    return paddle.optimizer.AdamW(rate, parameters=weights)


table, target = load_diabetes(return_X_y=True)
target = ((target - target.mean()) / target.std())[:, None].astype("float32")
regression = search(Regression(), (20 * table.astype("float32"), target), ["mae"], weight_optimizer=adam)
