"""Search between an LSTM and a GRU that read digits column by column."""

import paddle
from choice import Choice, Supernet, search
from paddle import nn
from sklearn.datasets import load_digits

paddle.seed(0)


class LastOutput(nn.Layer):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, series):
        return self.layer(series)[0][:, -1]


class Recurrent(Supernet):
    def __init__(self):
        super().__init__()
        self.body = Choice(lstm=LastOutput(nn.LSTM(8, 16)), gru=LastOutput(nn.GRU(8, 16)))
        self.classifier = nn.Linear(16, 10)

    def forward(self, series):
        return self.classifier(self.body(series.transpose([0, 2, 1])))

    def criterion(self, outputs, label):
        return nn.functional.cross_entropy(outputs, label)


def adam(weights):
    return paddle.optimizer.Adam(0.01, parameters=weights)


digits, classes = load_digits(return_X_y=True)
digits, classes = (digits.reshape([-1, 8, 8]) / 16)[:256].astype("float32"), classes[:256]
recurrent = search(Recurrent(), (digits, classes), ["accuracy"], num_epochs=15, weight_optimizer=adam)
