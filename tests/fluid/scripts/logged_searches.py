"""Searches whose log lines are compared with those of PaddleSlim 1.1.1 on Paddle 1.8.5."""

import os

import numpy as np
import paddle.fluid as fluid

from . import documented_example, supernet

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "recorded")


def make_reader(seed, sizes, classes):
    """Return a reader of images [N, 1, 8, 8]; `sizes` has N of each batch, so that means must be weighed by it."""

    def read():
        generator = np.random.RandomState(seed)
        for size in sizes:
            label = generator.randint(0, classes, (size, 1)).astype("int64")
            yield (generator.rand(size, 1, 8, 8) + 0.1 * label[:, :, None, None]).astype("float32"), label

    return read


def documented(classes=10):
    fluid.default_main_program().random_seed = 11
    return documented_example.SuperNet()


def cells(method):
    model = supernet.Network(method)
    name = "search_" + method.lower().replace("-", "_")
    model.set_dict(fluid.load_dygraph(os.path.join(RECORDED, name))[0])
    return model


# name -> (supernet, training reader, validation reader, arguments of DARTSearch)
SEARCHES = {
    "documented": lambda: (
        documented(),
        make_reader(1, (4, 4, 3), 10),
        make_reader(2, (4, 4, 1, 4), 10),
        {"batchsize": 4, "num_imgs": 24, "num_epochs": 3, "epochs_no_archopt": 1, "log_freq": 2},
    ),
    "documented_faster": lambda: (
        documented(),
        make_reader(3, (4, 4, 3), 10),
        make_reader(4, (4, 4, 3), 10),
        {"learning_rate": 0.1, "batchsize": 4, "num_imgs": 24, "arch_learning_rate": 3e-2, "num_epochs": 3},
    ),
    "darts": lambda: (
        cells("DARTS"),
        *supernet.make_readers("DARTS", "first"),
        {"batchsize": 8, "num_imgs": 64, "arch_learning_rate": 3e-3, "num_epochs": 2, "log_freq": 1},
    ),
    "pc_darts": lambda: (
        cells("PC-DARTS"),
        *supernet.make_readers("PC-DARTS", "first"),
        {"batchsize": 8, "num_imgs": 64, "arch_learning_rate": 3e-3, "num_epochs": 2, "log_freq": 1},
    ),
}
