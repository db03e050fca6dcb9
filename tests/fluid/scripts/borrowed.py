"""A script that imports more than it uses, has its learning rates in a dictionary, and saves by `save_dygraph`."""

from __future__ import print_function  # noqa: UP010 - as scripts of 2020 begin

import os
import tempfile

import numpy as np
import paddle
import paddle.compat as cpt
import paddle.fluid as fluid
import paddle.fluid.transpiler.details.program_utils as pu  # noqa: F401
from paddle.fluid import Executor, core, framework  # noqa: F401
from paddle.fluid.dygraph.base import to_variable
from paddle.fluid.dygraph.nn import FC, Conv2D  # noqa: F401
from paddle.fluid.framework import Parameter, Program, program_guard  # noqa: F401
from paddle.fluid.incubate.fleet.collective import fleet  # noqa: F401
from paddle.fluid.layer_helper import LayerHelper

RATES = {0: 0.1, 6: 0.05, 9: 0.01}


def swish(x, name=None):
    helper = LayerHelper("swish_like", act="sigmoid", **{k: v for k, v in locals().items() if k == "name"})
    return x * helper.append_activation(x)


class Net(fluid.dygraph.Layer):
    def __init__(self):
        super(Net, self).__init__()  # noqa: UP008
        self.first = FC("first", 8)
        self.last = fluid.dygraph.Linear(8, 1)

    def forward(self, x):
        return self.last(swish(self.first(x)))


def reader():
    draws = np.random.RandomState(1)
    for _ in range(48):
        x = draws.randn(3).astype("float32")
        yield x, np.float32([x.sum()])


def schedule():
    steps = sorted(RATES)
    return fluid.dygraph.PiecewiseDecay(steps[1:], [RATES[step] for step in steps], 0)


def train(net, optimizer):
    for batch in paddle.batch(reader, 4)():
        x, y = (to_variable(np.array(field)) for field in zip(*batch))
        loss = fluid.layers.mean(fluid.layers.square_error_cost(net(x), y))
        loss.backward()
        optimizer.minimize(loss)
        net.clear_gradients()
    return float(loss.numpy())


def main():
    with fluid.dygraph.guard(fluid.CPUPlace()):
        assert not isinstance(fluid.default_main_program(), Program)
        net = Net()
        net(to_variable(np.zeros([1, 3], "float32")))
        optimizer = fluid.optimizer.MomentumOptimizer(schedule(), 0.9, parameter_list=net.parameters())
        loss = train(net, optimizer)
        path = os.path.join(tempfile.mkdtemp(), cpt.to_text(b"net"))
        fluid.dygraph.save_dygraph(net.state_dict(), path)
        fluid.dygraph.save_dygraph(optimizer.state_dict(), path)
        parameters, state = fluid.dygraph.load_dygraph(path)
        net.set_dict(parameters)
        optimizer.set_dict(state)
        print("loss fell: %s, learning rate %s" % (loss < 1, optimizer.current_step_lr()))  # noqa: UP031
        return loss


if __name__ == "__main__":
    main()
