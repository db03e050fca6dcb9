# ruff: noqa: UP008, UP031, RUF059
"""A bag-of-words classifier with checkpoints, in the style of the sentiment models of the dygraph zoo."""

import os
import tempfile

import numpy as np
import paddle.fluid as fluid
from paddle.fluid.dygraph import Embedding, LayerNorm, Linear, to_variable

SIZE, LENGTH, CLASSES = 50, 10, 3


class BOW(fluid.dygraph.Layer):
    def __init__(self):
        super(BOW, self).__init__()
        self.embedding = Embedding(size=[SIZE + 1, 16], dtype="float32", is_sparse=True, padding_idx=SIZE)
        self.norm = LayerNorm(16)
        self._fc1 = Linear(input_dim=16, output_dim=24, act="tanh")
        self._fc2 = Linear(input_dim=24, output_dim=24, act="relu")
        self._fc_prediction = Linear(input_dim=24, output_dim=CLASSES, act="softmax")

    def forward(self, inputs, length, label=None):
        emb = self.embedding(inputs)
        mask = fluid.layers.sequence_mask(length, maxlen=LENGTH, dtype="float32")
        emb = fluid.layers.elementwise_mul(emb, mask, axis=0)
        bow = fluid.layers.reduce_sum(emb, dim=1)
        bow = fluid.layers.tanh(self.norm(bow))
        prediction = self._fc_prediction(self._fc2(self._fc1(bow)))
        if label is None:
            return prediction
        cost = fluid.layers.cross_entropy(input=prediction, label=label)
        return fluid.layers.mean(x=cost), prediction, fluid.layers.accuracy(input=prediction, label=label)


def reader():
    generator = np.random.RandomState(5)
    for _ in range(120):
        label = generator.randint(0, CLASSES)
        length = generator.randint(4, LENGTH + 1)
        words = generator.randint(0, SIZE, LENGTH)
        words[: length // 2] = label + CLASSES * generator.randint(0, 3, length // 2)
        words[length:] = SIZE
        yield words.astype("int64"), np.array(length, "int64"), np.array([label], "int64")


def train(model, optimizer, epochs):
    loader = fluid.io.DataLoader.from_generator(capacity=4, return_list=True, use_multiprocess=False)
    loader.set_sample_generator(reader, batch_size=20, places=fluid.CPUPlace())
    for epoch in range(epochs):
        model.train()
        costs = []
        for words, length, label in loader():
            avg_cost, prediction, acc = model(words, length, label)
            avg_cost.backward()
            optimizer.minimize(avg_cost)
            model.clear_gradients()
            costs.append(avg_cost.numpy()[0])
        print(
            "epoch %d, cost %.6f, acc %.4f, lr %.6f"
            % (epoch, np.mean(costs), acc.numpy()[0], optimizer.current_step_lr())
        )


def make(seed):
    fluid.default_main_program().random_seed = seed
    model = BOW()
    optimizer = fluid.optimizer.Adagrad(
        learning_rate=fluid.dygraph.PolynomialDecay(0.2, 40, end_learning_rate=0.01), parameter_list=model.parameters()
    )
    return model, optimizer


def main():
    path = os.path.join(tempfile.mkdtemp(), "bow")
    with fluid.dygraph.guard(fluid.CPUPlace()):
        model, optimizer = make(90)
        train(model, optimizer, 2)
        fluid.save_dygraph(model.state_dict(), path)
        fluid.save_dygraph(optimizer.state_dict(), path)
    with fluid.dygraph.guard(fluid.CPUPlace()):
        model, optimizer = make(1)
        parameters, state = fluid.load_dygraph(path)
        model.set_dict(parameters)
        optimizer.set_dict(state)
        train(model, optimizer, 2)
        model.eval()
        with fluid.dygraph.no_grad():
            words, length, label = zip(*list(reader())[:8])
            prediction = model(to_variable(np.array(words)), to_variable(np.array(length)))
        print(" ".join("%.5f" % p for p in prediction.numpy().max(1)))


if __name__ == "__main__":
    main()
