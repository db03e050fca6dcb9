"""A second-order search in fluid of Paddle 1.8, as the paper has it: what `DARTSearch(unrolled=True)` should do.

The virtual step w' = w - xi (0.9 v + dL_train/dw + 3e-4 w) uses the velocity v of the weights' optimizer; only weight
steps move batch-norm statistics.
"""

import numpy as np
import paddle.fluid as fluid
from paddle.fluid.dygraph.base import to_variable


def search(model, train_reader, valid_reader, learning_rate, arch_learning_rate, steps, epochs):
    """Yield the state dict, as arrays, after each epoch."""
    alphas = model.arch_parameters()
    names = [alpha.name for alpha in alphas]
    weights = [p for p in model.parameters() if p.name not in names and p.trainable]
    rate = fluid.dygraph.CosineDecay(learning_rate, steps, epochs)
    optimizer = fluid.optimizer.MomentumOptimizer(
        rate,
        0.9,
        regularization=fluid.regularizer.L2DecayRegularizer(3e-4),
        parameter_list=weights,
        grad_clip=fluid.clip.GradientClipByGlobalNorm(clip_norm=5.0),
    )
    arch_optimizer = fluid.optimizer.Adam(
        arch_learning_rate, 0.5, 0.999, regularization=fluid.regularizer.L2Decay(1e-3), parameter_list=alphas
    )
    for _ in range(epochs):
        model.train()
        for train_batch, valid_batch in zip(train_reader(), valid_reader()):
            gradients = hypergradients(model, weights, alphas, optimizer, train_batch, valid_batch)
            arch_optimizer.apply_gradients([(a, to_variable(g)) for a, g in zip(alphas, gradients)])
            loss = loss_of(model, train_batch)
            loss.backward()
            optimizer.minimize(loss)
            model.clear_gradients()
        yield {key: value.numpy().copy() for key, value in model.state_dict().items()}


def loss_of(model, batch):
    image, label = map(to_variable, batch)
    return model._loss(image, label)


def gradients_of(model, parameters, batch):
    loss_of(model, batch).backward()
    gradients = [p.gradient().copy() for p in parameters]
    model.clear_gradients()
    return gradients


def hypergradients(model, weights, alphas, optimizer, train_batch, valid_batch):
    statistics = [p for p in model.parameters() if not p.trainable]
    kept = [p.numpy().copy() for p in statistics]
    start = [w.numpy().copy() for w in weights]
    velocities = velocity_of(optimizer, weights)
    xi = rate_now(optimizer)

    gradients = gradients_of(model, weights, train_batch)
    moved = []
    for w, g, weight in zip(start, gradients, weights):
        moved.append(w - xi * (0.9 * velocities.get(weight.name, 0.0) + g + 3e-4 * w))
    put(weights, moved)
    both = gradients_of(model, alphas + weights, valid_batch)
    direct, vector = both[: len(alphas)], both[len(alphas) :]
    eps = 0.01 / np.sqrt(sum((v.astype("float64") ** 2).sum() for v in vector))
    sides = []
    for sign in (1, -1):
        put(weights, [w + sign * eps * v for w, v in zip(start, vector)])
        sides.append(gradients_of(model, alphas, train_batch))
    put(weights, start)
    put(statistics, kept)
    results = [d - xi * (p - n) / (2 * eps) for d, p, n in zip(direct, *sides)]
    return [result.astype("float32") for result in results]


def put(parameters, values):
    for parameter, value in zip(parameters, values):
        parameter.set_value(value.astype("float32"))


def velocity_of(optimizer, weights):
    """Return the velocity of each weight by the weight's name; nothing before the first step."""
    state = optimizer.state_dict()
    names = sorted((w.name for w in weights), key=len, reverse=True)
    found = {}
    for key, value in state.items():
        if "_velocity_" in key:
            name = next(n for n in names if key.startswith(n + "_velocity_"))
            found[name] = value.numpy()
    return found


def rate_now(optimizer):
    """Return the learning rate of the step to come; `current_step_lr` is that of the last one."""
    rate = optimizer._learning_rate
    epoch = rate.step_num // rate.step_each_epoch
    return rate.learning_rate * 0.5 * (np.cos(epoch * np.pi / rate.epochs) + 1)
