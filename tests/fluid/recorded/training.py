"""Cases: optimizers, decays, clips, regularizers, first values and gradients."""

import numpy as np

CASES = {}


def make_layer(fluid, inputs, **attributes):
    layer = fluid.dygraph.Linear(4, 3, **attributes)
    for parameter in layer.parameters():
        parameter.set_value(inputs.normal(*parameter.shape))
    return layer


def train(fluid, inputs, make_optimizer, steps=6, **attributes):
    """Return parameters after each step, accumulators at the end and learning rates of a small regression."""
    layer = make_layer(fluid, inputs, **attributes)
    optimizer = make_optimizer(fluid, layer.parameters())
    results = {"rate0": np.float32(optimizer.current_step_lr())}
    for step in range(steps):
        x, y = (fluid.dygraph.to_variable(inputs.normal(5, n)) for n in (4, 3))
        loss = fluid.layers.reduce_mean(fluid.layers.square(layer(x) - y))
        loss.backward()
        optimizer.minimize(loss)
        layer.clear_gradients()
        results[f"weight{step}"] = layer.weight.numpy()
        results[f"bias{step}"] = layer.bias.numpy()
        results[f"rate{step + 1}"] = np.float32(optimizer.current_step_lr())
    for key, value in optimizer.state_dict().items():
        if key != "LR_Scheduler":
            results["state_" + key] = value.numpy()
    return results


def optimizer(name, make, **attributes):
    CASES["optimizer_" + name] = lambda fluid, inputs: train(fluid, inputs, make, **attributes)


optimizer("sgd", lambda f, p: f.optimizer.SGD(0.1, parameter_list=p))
optimizer("sgd_l2", lambda f, p: f.optimizer.SGDOptimizer(0.1, p, f.regularizer.L2Decay(0.1)))
optimizer("sgd_l1", lambda f, p: f.optimizer.SGD(0.1, p, regularization=f.regularizer.L1Decay(0.1)))
optimizer("momentum", lambda f, p: f.optimizer.Momentum(0.1, 0.9, parameter_list=p))
optimizer(
    "momentum_nesterov",
    lambda f, p: f.optimizer.MomentumOptimizer(
        0.1, 0.9, p, use_nesterov=True, regularization=f.regularizer.L2DecayRegularizer(0.01)
    ),
)
optimizer(
    "lars", lambda f, p: f.optimizer.LarsMomentum(0.1, 0.9, lars_coeff=0.1, lars_weight_decay=0.01, parameter_list=p)
)
optimizer("adagrad", lambda f, p: f.optimizer.Adagrad(0.1, parameter_list=p))
optimizer(
    "adagrad_start", lambda f, p: f.optimizer.AdagradOptimizer(0.1, parameter_list=p, initial_accumulator_value=0.3)
)
optimizer("decayed_adagrad", lambda f, p: f.optimizer.DecayedAdagrad(0.1, decay=0.8, parameter_list=p))
optimizer("adam", lambda f, p: f.optimizer.Adam(0.1, parameter_list=p))
optimizer(
    "adam_epsilon",
    lambda f, p: f.optimizer.AdamOptimizer(
        0.1, 0.5, 0.99, epsilon=0.01, parameter_list=p, regularization=f.regularizer.L2Decay(1e-2)
    ),
)
optimizer("adam_named", lambda f, p: f.optimizer.Adam(0.1, parameter_list=p, name="own"))
optimizer("adamax", lambda f, p: f.optimizer.Adamax(0.1, parameter_list=p))
optimizer("adadelta", lambda f, p: f.optimizer.Adadelta(0.1, epsilon=1e-4, parameter_list=p))
optimizer("rmsprop", lambda f, p: f.optimizer.RMSProp(0.1, parameter_list=p))
optimizer(
    "rmsprop_centered",
    lambda f, p: f.optimizer.RMSPropOptimizer(0.1, rho=0.8, momentum=0.5, centered=True, parameter_list=p),
)
optimizer("ftrl", lambda f, p: f.optimizer.Ftrl(0.1, l1=0.05, l2=0.3, parameter_list=p))
optimizer("ftrl_power", lambda f, p: f.optimizer.FtrlOptimizer(0.1, l1=0.05, lr_power=-0.6, parameter_list=p))
optimizer("lamb", lambda f, p: f.optimizer.LambOptimizer(0.1, parameter_list=p))
optimizer(
    "lamb_exclude",
    lambda f, p: f.optimizer.LambOptimizer(
        0.1, 0.1, parameter_list=p, exclude_from_weight_decay_fn=lambda q: ".b_" in q.name
    ),
)
optimizer("dpsgd", lambda f, p: f.optimizer.Dpsgd(0.1, clip=0.5, batch_size=16.0, sigma=0.0, parameter_list=p))

# gradients so small that it matters where epsilon is added
SMALL = {
    "adagrad": lambda f, p: f.optimizer.Adagrad(1e-3, parameter_list=p),
    "decayed_adagrad": lambda f, p: f.optimizer.DecayedAdagrad(1e-3, parameter_list=p),
    "adam": lambda f, p: f.optimizer.Adam(1e-3, parameter_list=p),
    "adam_alphas": lambda f, p: f.optimizer.Adam(1e-3, 0.5, 0.999, parameter_list=p),
    "adamax": lambda f, p: f.optimizer.Adamax(1e-3, parameter_list=p),
    "adadelta": lambda f, p: f.optimizer.Adadelta(1e-3, parameter_list=p),
    "rmsprop": lambda f, p: f.optimizer.RMSProp(1e-3, parameter_list=p),
    "rmsprop_centered": lambda f, p: f.optimizer.RMSProp(1e-3, momentum=0.5, centered=True, parameter_list=p),
    "ftrl": lambda f, p: f.optimizer.Ftrl(1e-3, parameter_list=p),
    "lamb": lambda f, p: f.optimizer.LambOptimizer(1e-3, lamb_weight_decay=0.0, parameter_list=p),
}


def small_gradients(make):
    def run(fluid, inputs):
        parameter = fluid.layers.create_parameter([3], "float32", default_initializer=fluid.initializer.Constant(1e-3))
        optimizer = make(fluid, [parameter])
        slopes = fluid.dygraph.to_variable(np.array([1e-8, 1e-6, -1e-4], "float32"))
        results = {}
        for step in range(3):
            loss = fluid.layers.reduce_sum(parameter * slopes)
            loss.backward()
            optimizer.minimize(loss)
            parameter.clear_gradient()
            # in units of the learning rate, so that the steps are seen
            results[f"moved{step}"] = (parameter.numpy() - np.float32(1e-3)) * 1e3
        return results

    return run


CASES.update({"small_" + name: small_gradients(make) for name, make in SMALL.items()})

# sparse gradients: numbers that appear twice, rows that no batch names, rows of some batches
SPARSE = {
    "sgd": lambda f, p, **k: f.optimizer.SGD(0.1, p, **k),
    "momentum": lambda f, p, **k: f.optimizer.Momentum(0.1, 0.9, p, **k),
    "adagrad": lambda f, p, **k: f.optimizer.Adagrad(0.1, parameter_list=p, **k),
    "adam": lambda f, p, **k: f.optimizer.Adam(0.1, parameter_list=p, **k),
    "adam_lazy": lambda f, p, **k: f.optimizer.Adam(0.1, parameter_list=p, lazy_mode=True, **k),
    "rmsprop": lambda f, p, **k: f.optimizer.RMSProp(0.1, parameter_list=p, **k),
    "lamb": lambda f, p, **k: f.optimizer.LambOptimizer(0.1, parameter_list=p, **k),
}
NUMBERS = [[[0], [2], [0]], [[1], [2], [5]], [[2], [2], [3]]]


def sparse(name, is_sparse=True, padding_idx=None, tied=False, clip=None):
    def run(fluid, inputs):
        arguments = {} if clip is None else {"grad_clip": clip(fluid)}
        table = fluid.dygraph.Embedding([6, 2], is_sparse=is_sparse, padding_idx=padding_idx)
        table.weight.set_value((np.arange(12).reshape(6, 2) * 0.1).astype("float32"))
        optimizer = SPARSE[name](fluid, table.parameters(), **arguments)
        scale = fluid.dygraph.to_variable(inputs.normal(3, 2))
        results = {}
        for step, numbers in enumerate(NUMBERS):
            rows = fluid.layers.reshape(table(fluid.dygraph.to_variable(np.array(numbers, "int64"))), [3, 2])
            loss = fluid.layers.reduce_sum((rows * rows + rows) * scale)
            if tied:
                loss = loss + fluid.layers.reduce_sum(fluid.layers.square(table.weight))
            loss.backward()
            optimizer.minimize(loss)
            gradient = table.weight.gradient()
            parts = gradient if isinstance(gradient, tuple) else (gradient,)
            results.update({f"gradient{step}_{i}": part for i, part in enumerate(parts)})
            table.clear_gradients()
            results[f"weight{step}"] = table.weight.numpy()
        results.update({"state_" + key: value.numpy() for key, value in optimizer.state_dict().items()})
        return results

    return run


CASES.update({"sparse_" + name: sparse(name) for name in SPARSE})
CASES["sparse_off"] = sparse("adam_lazy", is_sparse=False)
CASES["sparse_tied"] = sparse("adam_lazy", tied=True)
for name in ("sgd", "adam", "adam_lazy"):
    CASES[f"sparse_{name}_padding"] = sparse(name, padding_idx=2)
    CASES[f"sparse_{name}_clipped"] = sparse(name, clip=lambda f: f.clip.GradientClipByGlobalNorm(0.5))

# what a parameter says for itself
CASES["optimizer_own_attributes"] = lambda fluid, inputs: train(
    fluid,
    inputs,
    lambda f, p: f.optimizer.Momentum(0.1, 0.9, p, regularization=f.regularizer.L2Decay(0.1)),
    param_attr=fluid.ParamAttr(learning_rate=0.3, regularizer=fluid.regularizer.L1Decay(0.05)),
    bias_attr=fluid.ParamAttr(name="shift", learning_rate=2.0),
)
CASES["optimizer_untrainable"] = lambda fluid, inputs: train(
    fluid,
    inputs,
    lambda f, p: f.optimizer.Adam(0.1, parameter_list=p),
    param_attr=fluid.ParamAttr(trainable=False),
)

# clips come before decay
l2 = lambda f: f.regularizer.L2Decay(0.1)  # noqa: E731
optimizer("clip_value", lambda f, p: f.optimizer.SGD(0.1, p, l2(f), grad_clip=f.clip.GradientClipByValue(0.2)))
optimizer("clip_value_range", lambda f, p: f.optimizer.SGD(0.1, p, grad_clip=f.clip.GradientClipByValue(0.3, -0.1)))
optimizer("clip_norm", lambda f, p: f.optimizer.SGD(0.1, p, l2(f), grad_clip=f.clip.GradientClipByNorm(0.5)))
optimizer("clip_global", lambda f, p: f.optimizer.SGD(0.1, p, l2(f), grad_clip=f.clip.GradientClipByGlobalNorm(0.5)))
optimizer(
    "clip_chosen",
    lambda f, p: f.optimizer.SGD(
        0.1, p, grad_clip=f.clip.GradientClipByGlobalNorm(0.5, need_clip=lambda q: ".w_" in q.name)
    ),
)

DECAYS = {
    "piecewise": lambda f: f.dygraph.PiecewiseDecay([2, 4], [0.3, 0.2, 0.1], 0),
    "natural_exp": lambda f: f.dygraph.NaturalExpDecay(0.3, 2, 0.5),
    "natural_exp_stairs": lambda f: f.dygraph.NaturalExpDecay(0.3, 2, 0.5, staircase=True),
    "exponential": lambda f: f.dygraph.ExponentialDecay(0.3, 2, 0.5),
    "exponential_stairs": lambda f: f.dygraph.ExponentialDecay(0.3, 2, 0.5, staircase=True),
    "inverse_time": lambda f: f.dygraph.InverseTimeDecay(0.3, 2, 0.5),
    "inverse_time_stairs": lambda f: f.dygraph.InverseTimeDecay(0.3, 2, 0.5, staircase=True),
    "polynomial": lambda f: f.dygraph.PolynomialDecay(0.3, 4, 0.01, power=2.0),
    "polynomial_cycle": lambda f: f.dygraph.PolynomialDecay(0.3, 3, 0.01, cycle=True),
    "cosine": lambda f: f.dygraph.CosineDecay(0.3, 2, 4),
    "noam": lambda f: f.dygraph.NoamDecay(16, 3),
    "warmup": lambda f: f.dygraph.LinearLrWarmup(0.3, 3, 0.1, 0.3),
    "warmup_decay": lambda f: f.dygraph.LinearLrWarmup(f.dygraph.ExponentialDecay(0.3, 2, 0.5), 3, 0.0, 0.3),
    "begin": lambda f: f.dygraph.CosineDecay(0.3, 2, 4, begin=3, step=2),
    "step": lambda f: f.dygraph.StepDecay(0.3, 2),
    "multi_step": lambda f: f.dygraph.MultiStepDecay(0.3, [1, 3], 0.5),
    "lambda": lambda f: f.dygraph.LambdaDecay(0.3, lambda epoch: 0.9**epoch),
    "layers_cosine": lambda f: f.layers.cosine_decay(0.3, 2, 4),
    "layers_exponential": lambda f: f.layers.exponential_decay(0.3, 2, 0.5),
    "layers_natural_exp": lambda f: f.layers.natural_exp_decay(0.3, 2, 0.5),
    "layers_inverse_time": lambda f: f.layers.inverse_time_decay(0.3, 2, 0.5),
    "layers_noam": lambda f: f.layers.noam_decay(16, 3),
    "layers_piecewise": lambda f: f.layers.piecewise_decay([2, 4], [0.3, 0.2, 0.1]),
    "layers_polynomial": lambda f: f.layers.polynomial_decay(0.3, 4),
    "layers_warmup": lambda f: f.layers.linear_lr_warmup(0.3, 3, 0.1, 0.3),
}
for name, make in DECAYS.items():
    optimizer("decay_" + name, lambda f, p, make=make: f.optimizer.SGD(make(f), parameter_list=p), steps=7)


def epochs(name):
    def run(fluid, inputs):
        decay = DECAYS[name](fluid)
        rates = [decay().numpy()]
        for _ in range(5):
            decay.epoch()
            rates.append(decay().numpy())
        decay.epoch(1)
        return {"rates": np.array(rates + [decay().numpy()])}

    CASES["epochs_" + name] = run


for name in ("step", "multi_step", "lambda"):
    epochs(name)


def plateau(name, **arguments):
    def run(fluid, inputs):
        decay = fluid.dygraph.ReduceLROnPlateau(0.3, patience=1, **arguments)
        rates = []
        for loss in (1.0, 0.9, 0.9, 0.95, 0.95, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7):
            rates.append(decay().numpy())
            decay.step(fluid.dygraph.to_variable(np.array([loss], "float32")))
        return {"rates": np.array(rates)}

    CASES["plateau_" + name] = run


plateau("plain")
plateau("max", mode="max", decay_rate=0.5)
plateau("cooldown", cooldown=2, threshold=0.2, threshold_mode="abs", min_lr=0.01)


def first_values(name, make, shape=(5, 4)):
    def run(fluid, inputs):
        fluid.default_main_program().random_seed = 11
        attr = fluid.ParamAttr(initializer=make(fluid.initializer))
        return {"values": fluid.layers.create_parameter(list(shape), "float32", attr=attr).numpy()}

    CASES["initializer_" + name] = run


first_values("constant", lambda i: i.Constant(0.3))
first_values("uniform", lambda i: i.Uniform(-2.0, 1.0))
first_values("uniform_seed", lambda i: i.UniformInitializer(-2.0, 1.0, seed=3))
first_values("uniform_diagonal", lambda i: i.Uniform(-1.0, 1.0, seed=3, diag_num=3, diag_step=4, diag_val=9.0))
first_values("normal", lambda i: i.Normal(1.0, 2.0))
first_values("normal_long", lambda i: i.NormalInitializer(0.0, 1.0, 5), shape=(300, 101))
first_values("truncated_normal", lambda i: i.TruncatedNormal(1.0, 2.0), shape=(40, 30))
first_values("xavier", lambda i: i.Xavier(), shape=(4, 3, 3, 3))
first_values("xavier_normal", lambda i: i.XavierInitializer(uniform=False, fan_in=7))
first_values("msra", lambda i: i.MSRA(), shape=(4, 3, 3, 3))
first_values("msra_normal", lambda i: i.MSRAInitializer(uniform=False, fan_in=5))
first_values("bilinear", lambda i: i.Bilinear(), shape=(2, 2, 4, 4))
first_values("bilinear_odd", lambda i: i.BilinearInitializer(), shape=(1, 2, 3, 3))
first_values("numpy", lambda i: i.NumpyArrayInitializer(np.arange(20).reshape(5, 4).astype("float32")))


def default_values(name, make):
    def run(fluid, inputs):
        fluid.default_main_program().random_seed = 7
        return {key: value.numpy() for key, value in make(fluid).state_dict().items()}

    CASES["defaults_" + name] = run


default_values("linear", lambda f: f.dygraph.Linear(4, 3))
default_values("conv2d", lambda f: f.dygraph.Conv2D(4, 6, 3, groups=2))
default_values("conv3d", lambda f: f.dygraph.Conv3D(2, 3, 2))
default_values("conv2d_transpose", lambda f: f.dygraph.Conv2DTranspose(4, 3, 2))
default_values("embedding", lambda f: f.dygraph.Embedding([5, 3]))
default_values("gru_unit", lambda f: f.dygraph.GRUUnit(9))
default_values("batch_norm", lambda f: f.dygraph.BatchNorm(3))
default_values("layer_norm", lambda f: f.dygraph.LayerNorm(3))
default_values("prelu", lambda f: f.dygraph.PRelu("all"))
default_values("spectral_norm", lambda f: f.dygraph.SpectralNorm([3, 4]))
default_values("instance_norm", lambda f: f.dygraph.InstanceNorm(3))
default_values("bilinear", lambda f: f.dygraph.BilinearTensorProduct(3, 4, 2))


def repeated_backward(fluid, inputs):
    layer = make_layer(fluid, inputs)
    x = fluid.dygraph.to_variable(inputs.normal(5, 4))
    x.stop_gradient = False
    results = {}
    for step in range(3):
        hidden = layer(x)
        loss = fluid.layers.reduce_mean(fluid.layers.square(hidden))
        loss.backward()
        results[f"weight{step}"] = layer.weight.gradient()
        results[f"input{step}"] = x.gradient()
        results[f"hidden{step}"] = hidden.gradient()
        results[f"loss{step}"] = loss.gradient()
    layer.clear_gradients()
    results["cleared"] = layer.weight.gradient()
    x.clear_gradient()
    results["cleared_input"] = x.gradient()
    return results


CASES["repeated_backward"] = repeated_backward


def operators(fluid, inputs):
    x, y = (fluid.dygraph.to_variable(inputs.positive(2, 3)) for _ in range(2))
    n = fluid.dygraph.to_variable(np.array([-7, 7, -3, 4]))
    m = fluid.dygraph.to_variable(np.array([2, 2, 2, -3]))
    values = [x + y, x - y, x * y, x / y, x**y, x + 2, 2 + x, x - 2, 2 - x, x * 2, 2 * x, x / 2, 2 / x, x**2, 2**x, -x]
    values += [x == y, x != y, x < y, x <= y, x > y, x >= y, x > 0.5, x == 1]
    values += [n / 2, n // m, n % m, n / m, n + 2.0, n * 2, n - 2, 2 - n, n > 0, n**2]
    values += [x[0], x[0, 1], x[:, 1], x[0:1], x[-1], x[:, -2:], x[0][1]]
    results = {f"value{i}": value.numpy() for i, value in enumerate(values)}
    results["float"] = np.array([float(x[0, 1]), int(n[1]), len(x)])
    results["truth"] = np.array([bool(x[0, 0]), bool(x[0, 0] - 2.0)])
    return results


CASES["operators"] = operators


def double_gradient(fluid, inputs):
    x = fluid.dygraph.to_variable(inputs.normal(2, 3))
    x.stop_gradient = False
    y = x * x * x
    (first,) = fluid.dygraph.grad([y], [x], create_graph=True, retain_graph=True)
    fluid.layers.reduce_sum(first * first + y).backward()
    return {"first": first.numpy(), "second": x.gradient()}


CASES["double_gradient"] = double_gradient


def loader(name, feed):
    def run(fluid, inputs):
        samples = [(inputs.normal(2), i) for i in range(7)]
        source = fluid.io.DataLoader.from_generator(capacity=2)
        feed(fluid, source, samples)
        results = {}
        for _ in range(2):
            batches = list(source())
        for i, batch in enumerate(batches):
            results.update({f"batch{i}_{j}": field.numpy() for j, field in enumerate(batch)})
            results.update({f"type{i}_{j}": np.array(str(field.numpy().dtype)) for j, field in enumerate(batch)})
        return results

    CASES["loader_" + name] = run


loader("sample", lambda f, s, samples: s.set_sample_generator(lambda: iter(samples), 3, places=f.CPUPlace()))
loader("sample_keep", lambda f, s, samples: s.set_sample_generator(lambda: iter(samples), 3, False, f.CPUPlace()))
loader(
    "sample_list", lambda f, s, samples: s.set_sample_list_generator(f.io.batch(lambda: iter(samples), 3), f.CPUPlace())
)
loader(
    "batch",
    lambda f, s, samples: s.set_batch_generator(
        lambda: ([x[None], np.array([[n]])] for x, n in samples), places=f.CPUPlace()
    ),
)


def state_of_decay(fluid, inputs):
    layer = make_layer(fluid, inputs)
    optimizer = fluid.optimizer.Adam(fluid.dygraph.ExponentialDecay(0.3, 2, 0.5), parameter_list=layer.parameters())
    for _ in range(3):
        loss = fluid.layers.reduce_mean(layer(fluid.dygraph.to_variable(inputs.normal(5, 4))))
        loss.backward()
        optimizer.minimize(loss)
        layer.clear_gradients()
    state = optimizer.state_dict()
    return {"names": np.array(" ".join(sorted(state))), "step": state["global_step"].numpy()}


CASES["state_of_decay"] = state_of_decay
