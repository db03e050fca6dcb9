# ruff: noqa: I001, UP008
import numpy as np
import paddle.fluid as fluid
from paddleslim.nas.darts import DARTSearch


class SuperNet(fluid.dygraph.Layer):
    def __init__(self):
        super(SuperNet, self).__init__()
        self._method = "DARTS"
        self._steps = 4
        self._multiplier = 4
        self._primitives = [
            "none",
            "max_pool_3x3",
            "avg_pool_3x3",
            "skip_connect",
            "sep_conv_3x3",
            "sep_conv_5x5",
            "dil_conv_3x3",
            "dil_conv_5x5",
        ]
        self.conv0 = fluid.dygraph.nn.Conv2D(num_channels=1, num_filters=3, filter_size=3, padding=1)
        self.out = fluid.dygraph.nn.Linear(input_dim=3072, output_dim=10)
        self.alphas_normal = fluid.layers.create_parameter(shape=[14, 8], dtype="float32")
        self.alphas_reduce = fluid.layers.create_parameter(shape=[14, 8], dtype="float32")
        self._arch_parameters = [self.alphas_normal, self.alphas_reduce]

    def forward(self, x):
        out = self.conv0(x) * self.alphas_normal[0][0] * self.alphas_reduce[0][0]
        out = fluid.layers.reshape(out, [0, -1])
        return self.out(out)

    def _loss(self, image, label):
        logits = self.forward(image)
        return fluid.layers.reduce_mean(fluid.layers.softmax_with_cross_entropy(logits, label))

    def arch_parameters(self):
        return self._arch_parameters


def batch_generator(count):
    def __reader__():
        for _ in range(count):
            image = np.random.random(size=[4, 1, 32, 32]).astype("float32")
            label = np.random.randint(0, 10, size=[4, 1]).astype("int64")
            yield image, label

    return __reader__


def main():
    place = fluid.CPUPlace()
    with fluid.dygraph.guard(place):
        model = SuperNet()
        searcher = DARTSearch(model, batch_generator(2), batch_generator(2), place, num_epochs=2)
        searcher.train()


if __name__ == "__main__":
    main()
