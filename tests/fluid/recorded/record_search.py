"""Record searches over the supernets of `tests/fluid/scripts`, in the environment of `record.py`.

    python tests/fluid/recorded/record_search.py

writes for each method `search_<method>.pdparams`, the state before the search as Paddle 1.8.5 saved it, and
`search_<method>.npz`, the state after each of two epochs: of PaddleSlim 1.1.1's DARTSearch for the first order, of
`scripts/second_order.py` for the second, since that of PaddleSlim was not the paper's.
"""

import os
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
METHODS = {"darts": "DARTS", "pc_darts": "PC-DARTS"}


def record(name, fluid, DARTSearch, supernet, second_order):
    with fluid.dygraph.guard(fluid.CPUPlace()), tempfile.TemporaryDirectory() as folder:
        model = supernet.Network(METHODS[name])
        start = os.path.join(HERE, "search_" + name)
        if not os.path.exists(start + ".pdparams"):
            fluid.save_dygraph(model.state_dict(), start)
        model.set_dict(fluid.load_dygraph(start)[0])
        search = DARTSearch(
            model,
            *supernet.make_readers(METHODS[name], "first"),
            fluid.CPUPlace(),
            learning_rate=0.025,
            batchsize=8,
            num_imgs=64,
            arch_learning_rate=3e-3,
            num_epochs=2,
            save_dir=folder,
            log_freq=1,
        )
        search.train()
        arrays = {}
        for epoch in range(2):
            state, _ = fluid.load_dygraph(os.path.join(folder, str(epoch), "params"))
            # One vector an epoch, in the order of the state dict: a file of many small arrays is mostly headers.
            arrays[f"first{epoch}"] = np.concatenate([state[key].reshape(-1) for key in model.state_dict()])
    with fluid.dygraph.guard(fluid.CPUPlace()):
        model = supernet.Network(METHODS[name])
        model.set_dict(fluid.load_dygraph(start)[0])
        states = second_order.search(
            model,
            *supernet.make_readers(METHODS[name], "second"),
            learning_rate=0.025,
            arch_learning_rate=3e-3,
            steps=4,
            epochs=2,
        )
        for epoch, state in enumerate(states):
            arrays[f"second{epoch}"] = np.concatenate([value.reshape(-1) for value in state.values()])
    np.savez(os.path.join(HERE, f"search_{name}.npz"), **arrays)


def main():
    import paddle.fluid as fluid

    from paddleslim.nas.darts import DARTSearch

    # Only now: the repository has a package paddleslim of its own.
    sys.path.insert(0, ROOT)
    from tests.fluid.scripts import second_order, supernet

    for name in METHODS:
        record(name, fluid, DARTSearch, supernet, second_order)


if __name__ == "__main__":
    main()
