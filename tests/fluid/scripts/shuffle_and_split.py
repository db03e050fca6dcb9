"""A search of 2020 in several processes, whose images are shuffled without a seed and then split."""

# ruff: noqa: UP032
import random
import sys

import numpy as np
import paddle.fluid as fluid

from paddleslim.nas.darts import DARTSearch


class SuperNet(fluid.dygraph.Layer):
    def __init__(self):
        super().__init__()
        self._method, self._steps, self._multiplier = "DARTS", 1, 1
        self._primitives = ["none", "skip_connect", "sep_conv_3x3"]
        self.fc = fluid.dygraph.Linear(16, 4)
        self.alphas_normal = fluid.layers.create_parameter([2, 3], "float32")
        self.alphas_reduce = fluid.layers.create_parameter([2, 3], "float32")

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]

    def forward(self, image):
        scale = self.alphas_normal[0][0] * self.alphas_reduce[0][0]
        return self.fc(fluid.layers.reshape(image, [0, -1])) * scale

    def _loss(self, image, label):
        return fluid.layers.mean(fluid.layers.softmax_with_cross_entropy(self(image), label))


def make_reader(numbers):
    def read():
        order = list(numbers)
        random.shuffle(order)
        for i in range(0, len(order), 4):
            chosen = np.array(order[i : i + 4])
            image = np.cos(chosen[:, None] * np.arange(1, 17)).astype("float32").reshape(-1, 1, 4, 4)
            yield image, (chosen % 4).astype("int64")[:, None]

    return read


def main(folder):
    numbers = np.arange(32)
    np.random.shuffle(numbers)
    train, valid = numbers[:16], numbers[16:]
    place = fluid.CPUPlace()
    with fluid.dygraph.guard(place):
        model = SuperNet()
        search = DARTSearch(
            model,
            make_reader(train),
            make_reader(valid),
            place,
            batchsize=4,
            num_imgs=32,
            num_epochs=2,
            use_data_parallel=True,
            save_dir=folder,
        )
        search.train()
        alphas = model.alphas_normal.numpy()
    rank = fluid.dygraph.parallel.Env().local_rank
    np.savez("{}/rank{}.npz".format(folder, rank), train=train, valid=valid, alphas=alphas)


if __name__ == "__main__":
    main(sys.argv[1])
