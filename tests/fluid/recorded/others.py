"""Cases: what scripts take from fluid beside functions and layers, such as helpers, samplers and nested structures."""

import collections

import numpy as np

from .evaluation import evaluate

CASES = {}
Pair = collections.namedtuple("Pair", "left right")


def case(function):
    """Enter a case: `function(fluid, inputs)` returns arrays by name."""
    CASES[function.__name__] = function
    return function


@case
def sampling_id(fluid, inputs):
    rows = fluid.dygraph.to_variable(inputs.probabilities(12, 5))
    results = {f"seed{seed}": fluid.layers.sampling_id(rows, seed=seed).numpy() for seed in (1, 3, 77)}
    results["part"] = fluid.layers.sampling_id(rows, min=0.4, max=0.6, seed=5).numpy()
    results["beyond"] = fluid.layers.sampling_id(rows, min=1.5, max=2.0, seed=5).numpy()
    return results


def boxes_and_scores(fluid, inputs):
    corners = inputs.positive(2, 6, 2)
    boxes = np.concatenate([corners, corners + 0.3 * inputs.positive(2, 6, 2)], axis=2)
    return fluid.dygraph.to_variable(boxes.astype("float32")), fluid.dygraph.to_variable(inputs.positive(2, 3, 6))


@case
def multiclass_nms(fluid, inputs):
    boxes, scores = boxes_and_scores(fluid, inputs)
    nms = fluid.layers.multiclass_nms
    return {
        "default": nms(boxes, scores, 0.3, 10, 10).numpy(),
        "all": nms(boxes, scores, 0.1, -1, -1, nms_threshold=0.1, background_label=-1).numpy(),
        "few": nms(boxes, scores, 0.1, 4, 3, nms_threshold=0.5, normalized=False, nms_eta=0.9).numpy(),
        "none": nms(boxes, scores, 0.99, 10, 10).numpy(),
    }


@case
def step_counters(fluid, inputs):
    from paddle.fluid.layers.learning_rate_scheduler import _decay_step_counter

    counters = [_decay_step_counter(), _decay_step_counter(), _decay_step_counter(1)]
    counters += [fluid.layers.autoincreased_step_counter() for _ in range(2)]
    return {f"counter{i}": counter.numpy() for i, counter in enumerate(counters)}


@case
def layer_helper(fluid, inputs):
    from paddle.fluid.layer_helper import LayerHelper

    start = fluid.initializer.Constant(0.5)
    helper = LayerHelper("own", act="relu", bias_attr=fluid.ParamAttr(initializer=start))
    weight = helper.create_parameter(attr=fluid.ParamAttr(initializer=start), shape=[4, 3], dtype="float32")

    def compute(x):
        out = helper.create_variable_for_type_inference("float32")
        operands = {"X": [x], "Y": [weight]}
        helper.append_op(type="mul", inputs=operands, outputs={"Out": [out]}, attrs={"x_num_col_dims": 1})
        return helper.append_activation(helper.append_bias_op(out))

    results = evaluate(fluid, compute, [inputs.normal(2, 4)], [("weight", weight)])
    results["names"] = np.array(" ".join([helper.name, weight.name, LayerHelper("own", name="mine").name]))
    pair = fluid.dygraph.to_variable(np.array([-1, 2], "float32"))
    results["relu"] = LayerHelper("own", act="relu").append_activation(pair).numpy()
    return results


@case
def helper_of_a_layer(fluid, inputs):
    class Scaled(fluid.dygraph.Layer):
        def forward(self, x):
            out = self._helper.create_variable_for_type_inference("float32")
            self._helper.append_op(type="scale", inputs={"X": [x]}, outputs={"Out": [out]}, attrs={"scale": 3.0})
            return self._helper.append_activation(out, act="tanh")

    return evaluate(fluid, Scaled(), [inputs.normal(2, 3)])


@case
def operators(fluid, inputs):
    x, y = (fluid.dygraph.to_variable(inputs.normal(2, 3)) for _ in range(2))
    ops = fluid.core.ops
    results = [ops.relu(x), ops.elementwise_add(x, y, "axis", -1), ops.mean(x), ops.reduce_sum(x, "reduce_all", True)]
    results += [ops.softmax(x, "axis", 1), *ops.split(x, 3, "num", 3, "axis", 1)]
    return {f"out{i}": out.numpy() for i, out in enumerate(results)}


@case
def switches(fluid, inputs):
    tracer = fluid.framework._dygraph_tracer()
    x = fluid.dygraph.to_variable(inputs.normal(2, 3))
    results = {"start": np.array(tracer._train_mode)}
    tracer._train_mode = False
    results["evaluated"] = fluid.layers.dropout(x, 0.25).numpy()
    tracer.train_mode()
    with fluid.dygraph.no_grad():
        results["inside"] = np.array(fluid.framework._dygraph_tracer()._train_mode)
    results["end"] = np.array(tracer._train_mode)
    return results


@case
def nested_structures(fluid, inputs):
    utils = fluid.layers.utils
    nest = {"b": [1, (2, 3)], "a": Pair(4, {"y": 5, "x": 6})}
    results = {
        "flat": utils.flatten(nest),
        "mapped": utils.map_structure(lambda x, y: 10 * x + y, nest, nest),
        "packed": utils.pack_sequence_as(nest, list("abcdef")),
        "copied": utils.copy_mutable_vars(nest),
        "text": [utils.is_sequence(value) for value in ("ab", [1], (1,), {}, 3, np.zeros(2))],
    }
    own = utils.is_sequence
    utils.is_sequence = lambda value: isinstance(value, list)
    try:
        results["own"] = utils.map_structure(lambda x: (x, x), [1, (2, 3), [4]])
    finally:
        utils.is_sequence = own
    return {name: np.array(repr(value)) for name, value in results.items()}


@case
def batch_sampler(fluid, inputs):
    np.random.seed(3)
    sampler = fluid.io.BatchSampler(indices=list(range(7)), shuffle=True, batch_size=3)
    results = {"shuffled": repr([list(sampler), list(sampler)]), "length": repr(len(sampler))}
    results["dropped"] = repr(list(fluid.io.BatchSampler(indices=list(range(7)), batch_size=3, drop_last=True)))
    return {name: np.array(value) for name, value in results.items()}


@case
def types(fluid, inputs):
    names = ["float32", np.float64, np.dtype("int64"), "bool", "float16", "uint8", np.int8]
    convert, kinds = fluid.framework.convert_np_dtype_to_dtype_, fluid.core.VarDesc.VarType
    expected = [kinds.FP32, kinds.FP64, kinds.INT64, kinds.BOOL, kinds.FP16, kinds.UINT8, kinds.INT8]
    floating = [fluid.framework.dtype_is_floating(kind) for kind in ("float32", kinds.INT64, kinds.FP16)]
    same = [convert(name) == kind for name, kind in zip(names, expected)]
    return {
        "same": np.array(same),
        "floating": np.array(floating),
        "grad": np.array(fluid.framework.grad_var_name("x")),
    }


@case
def learning_rates(fluid, inputs):
    decays = fluid.dygraph
    rates = {
        "number": 0.1,
        "piecewise": decays.PiecewiseDecay([2], [0.1, 0.05], 0),
        "step": decays.StepDecay(0.1, 2),
        "multi": decays.MultiStepDecay(0.3, [1, 2]),
        "warmup": decays.LinearLrWarmup(0.1, 2, 0.0, 0.1),
        "exponential": decays.ExponentialDecay(0.1, 2, 0.5),
    }
    layer = fluid.dygraph.Linear(2, 1)
    results = {}
    for name, rate in rates.items():
        optimizer = fluid.optimizer.SGD(learning_rate=rate, parameter_list=layer.parameters())
        printed = [str(optimizer.current_step_lr())]
        for _ in range(3):
            fluid.layers.reduce_mean(layer(fluid.dygraph.to_variable(inputs.normal(1, 2)))).backward()
            optimizer.minimize(layer.weight)
            layer.clear_gradients()
            printed.append(str(optimizer.current_step_lr()))
        results[name] = np.array(" ".join(printed))
    return results
