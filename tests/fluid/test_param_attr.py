"""`fluid.ParamAttr` in a search: rate, decay and trainable hold in the virtual step as in the real one."""

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.strategy.hypergradient import second_order

W, A = np.array([0.5, -0.3]), np.array([0.8, 0.6])
TRAIN, VALID = (np.array([[1.0, 2.0]]), np.array([[0.7]])), (np.array([[-0.5, 1.5]]), np.array([[0.2]]))
XI, DECAY, MOMENTUM = 0.1, 0.05, 0.9


def make_product(fluid, rate, regularizer, trainable=True):
    """Return a supernet of loss ((x * a) w - y)^2 / 2, whose second order is known in closed form."""

    class Product(fluid.dygraph.Layer):
        def __init__(self):
            super().__init__()
            start = fluid.initializer.NumpyArrayInitializer(W.astype("float32")[:, None])
            attr = fluid.ParamAttr(initializer=start, learning_rate=rate, regularizer=regularizer, trainable=trainable)
            self.linear = fluid.dygraph.Linear(2, 1, param_attr=attr, bias_attr=False)
            own = fluid.initializer.NumpyArrayInitializer(A.astype("float32"))
            self.a = fluid.layers.create_parameter([2], "float32", default_initializer=own)
            self.free = self.create_parameter([1], default_initializer=fluid.initializer.Constant(0.0))

        def arch_parameters(self):
            return [self.a]

        def forward(self, x):
            return self.linear(fluid.layers.elementwise_mul(x, self.a)) + self.free * 0.0

        def _loss(self, x, y):
            return fluid.layers.mean(fluid.layers.square(self.forward(x) - y)) * 0.5

        def genotype(self):
            return "found"

    return Product()


def gradient(w, batch):
    """Return the gradient of the loss in w, `[2]`, and the residual."""
    (x,), ((y,),) = batch
    residual = (w * A * x).sum() - y
    return residual * A * x, residual


def decay_of(fluid, regularizer, w):
    if regularizer is None:
        return DECAY * w
    return 0.2 * (np.sign(w) if isinstance(regularizer, fluid.regularizer.L1Decay) else w)


REGULARIZERS = [lambda fluid: None, lambda fluid: fluid.regularizer.L2Decay(0.2), lambda f: f.regularizer.L1Decay(0.2)]


@pytest.mark.parametrize("rate", [1.0, 0.1, 0.0])
@pytest.mark.parametrize("make", REGULARIZERS, ids=["decay of the optimizer", "L2", "L1"])
def test_rate_and_decay_hold_in_the_virtual_step(fluid, rate, make):
    regularizer = make(fluid)
    train, residual = gradient(W, TRAIN)
    moved = W - XI * rate * (train + decay_of(fluid, regularizer, W))
    valid, at = gradient(moved, VALID)
    (xt,), (xv,) = TRAIN[0], VALID[0]
    mixed = np.outer(W * xt, A * xt) + residual * np.diag(xt)  # d²L_train / da dw
    expected = at * moved * xv - XI * mixed @ (rate * valid)
    batches = [tuple(paddle.to_tensor(part.astype("float32")) for part in batch) for batch in (TRAIN, VALID)]
    found = second_order(make_product(fluid, rate, regularizer), *batches, xi=XI, weight_decay=DECAY)[0].numpy()
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("rate", [1.0, 0.1, 0.0])
@pytest.mark.parametrize("make", REGULARIZERS, ids=["decay of the optimizer", "L2", "L1"])
@pytest.mark.parametrize("own", [False, True])
def test_rate_and_decay_hold_in_the_real_step_of_a_search(fluid, tmp_path, rate, make, own):
    regularizer = make(fluid)

    def momentum(weights):
        decay = fluid.regularizer.L2Decay(DECAY)
        return paddle.optimizer.Momentum(XI, MOMENTUM, parameters=weights, weight_decay=decay)

    model = make_product(fluid, rate, regularizer)
    batches = [tuple(part.astype("float32") for part in batch) for batch in (TRAIN, VALID)]
    search = DARTSearch(
        model,
        *([batch] for batch in batches),
        "cpu",
        batchsize=1,
        num_imgs=2,
        num_epochs=2,
        epochs_no_archopt=2,  # the alphas are those of the closed form
        learning_rate=XI,
        learning_rate_end=XI,
        momentum=MOMENTUM,
        weight_decay=DECAY,
        grad_clip=None,
        criterion=lambda outputs, label: ((outputs - label) ** 2).mean() * 0.5,
        weight_optimizer=momentum if own else None,
        save_dir=str(tmp_path),
    )
    search.train()
    w, velocity = W, 0.0
    for _ in range(2):
        velocity = MOMENTUM * velocity + gradient(w, TRAIN)[0] + decay_of(fluid, regularizer, w)
        w = w - XI * rate * velocity
    np.testing.assert_allclose(model.linear.weight.numpy()[:, 0], w, rtol=1e-5)


def test_a_parameter_that_is_not_trainable_has_no_part_in_either_step(fluid):
    batches = [tuple(paddle.to_tensor(part.astype("float32")) for part in batch) for batch in (TRAIN, VALID)]
    model = make_product(fluid, 1.0, None, trainable=False)
    found = second_order(model, *batches, xi=XI, weight_decay=DECAY)[0].numpy()
    np.testing.assert_allclose(found, gradient(W, VALID)[1] * W * VALID[0][0], rtol=2e-3, atol=2e-4)
