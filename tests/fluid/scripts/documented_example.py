# ruff: noqa: UP008
"""A script of 2020 around the supernet of PaddleSlim's documentation: its facts, small images, all 50 epochs."""

import numpy as np
import paddle.fluid as fluid

from paddleslim.nas.darts import DARTSearch

POOLS = ["max_pool_3x3", "avg_pool_3x3"]
CONVOLUTIONS = ["sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"]


class SuperNet(fluid.dygraph.Layer):
    def __init__(self):
        super(SuperNet, self).__init__()
        self._method, self._steps, self._multiplier = "DARTS", 1, 4
        self._primitives = ["none"] + POOLS + ["skip_connect"] + CONVOLUTIONS
        self.conv = fluid.dygraph.nn.Conv2D(num_channels=1, num_filters=3, filter_size=3, padding=1)
        self.fc = fluid.dygraph.nn.Linear(input_dim=3 * 8 * 8, output_dim=10)
        for cell in ("normal", "reduce"):
            setattr(self, "alphas_" + cell, fluid.layers.create_parameter(shape=[14, 8], dtype="float32"))

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]

    def forward(self, image):
        scale = self.alphas_normal[0][0] * self.alphas_reduce[0][0]
        return self.fc(fluid.layers.flatten(self.conv(image) * scale))

    def _loss(self, image, label):
        return fluid.layers.mean(fluid.layers.softmax_with_cross_entropy(self(image), label))


def make_reader(count):
    def read():
        for _ in range(count):
            # random() cast to int64: every label is 0
            yield (
                np.random.random(size=[4, 1, 8, 8]).astype("float32"),
                np.random.random(size=[4, 1]).astype("int64"),
            )

    return read


if __name__ == "__main__":
    place = fluid.CPUPlace()
    with fluid.dygraph.guard(place):
        DARTSearch(SuperNet(), make_reader(2), make_reader(2), place).train()
