"""Cases: the layers of `fluid.dygraph.nn`, forward, backward and what they keep."""

import numpy as np

from .evaluation import evaluate, fill_parameters

CASES = {}

# Recorded without gradients: 1.8.5 gave wrong ones for GroupNorm without scale and for SpectralNorm, and for the
# nodes of TreeConv; here they are the derivatives.


def case(name, make, draw, constant=(), steps=1, mode="train", forward_only=False):
    """Enter a case: the layer `make(fluid)` on the arrays that `draw(inputs)` returns, called `steps` times."""

    def run(fluid, inputs):
        layer = make(fluid)
        fill_parameters(layer, inputs)
        getattr(layer, mode)()
        arrays = draw(inputs)
        for _ in range(steps - 1):
            layer(*map(fluid.dygraph.to_variable, arrays))
        named = list(layer.named_parameters())
        results = evaluate(fluid, layer, arrays, named, constant, forward_only=forward_only or mode == "eval")
        results.update({"state_" + key: value.numpy() for key, value in layer.state_dict().items()})
        results.update({"name_" + key: np.array(value.name) for key, value in layer.state_dict().items()})
        layer.train()
        return results

    CASES[name] = run


def image(i):
    return [i.normal(2, 4, 6, 5)]


def volume(i):
    return [i.normal(1, 2, 4, 4, 4)]


def matrix(i):
    return [i.normal(3, 6)]


case("conv2d", lambda f: f.dygraph.Conv2D(4, 3, 3, padding=1), image)
case(
    "conv2d_stride",
    lambda f: f.dygraph.Conv2D(4, 6, [3, 2], stride=2, padding=[1, 0], dilation=1, groups=2, act="relu"),
    image,
)
case(
    "conv2d_dilated",
    lambda f: f.dygraph.Conv2D(4, 4, 3, padding=2, dilation=2, groups=4, bias_attr=False, use_cudnn=False),
    image,
)
case("conv3d", lambda f: f.dygraph.Conv3D(2, 3, 3, padding=1, act="tanh"), volume)
case("conv2d_transpose", lambda f: f.dygraph.Conv2DTranspose(4, 3, 3, stride=2, padding=1), image)
case(
    "conv2d_transpose_size",
    lambda f: f.dygraph.Conv2DTranspose(4, 3, 3, output_size=[12, 10], stride=2, padding=1, act="relu"),
    image,
)
case("conv2d_transpose_groups", lambda f: f.dygraph.Conv2DTranspose(4, 6, 2, groups=2, bias_attr=False), image)
case("conv3d_transpose", lambda f: f.dygraph.Conv3DTranspose(2, 3, 2, stride=2), volume)
case(
    "conv3d_transpose_bias",
    lambda f: f.dygraph.Conv3DTranspose(2, 3, 2, stride=2, bias_attr=f.ParamAttr(name="b")),
    volume,
)
case("pool2d_max", lambda f: f.dygraph.Pool2D(3, "max", 2, 1), image)
case("pool2d_avg", lambda f: f.dygraph.Pool2D(3, "avg", 1, 1), image)
case("pool2d_avg_inclusive", lambda f: f.dygraph.Pool2D(3, "avg", 2, 1, exclusive=False, ceil_mode=True), image)
case("pool2d_global", lambda f: f.dygraph.Pool2D(pool_type="avg", global_pooling=True), image)
case("linear", lambda f: f.dygraph.Linear(6, 4), matrix)
case("linear_act", lambda f: f.dygraph.Linear(6, 4, act="softmax", bias_attr=False), matrix)
case("linear_sequence", lambda f: f.dygraph.Linear(6, 4, act="tanh"), lambda i: [i.normal(2, 3, 6)])
case("batch_norm", lambda f: f.dygraph.BatchNorm(4), image, steps=3)
case("batch_norm_act", lambda f: f.dygraph.BatchNorm(4, act="relu", momentum=0.7, epsilon=1e-3), image, steps=2)
case("batch_norm_eval", lambda f: f.dygraph.BatchNorm(4), image, mode="eval", constant=(0,))
case(
    "batch_norm_global",
    lambda f: f.dygraph.BatchNorm(4, param_attr=f.ParamAttr(), use_global_stats=True),
    image,
    steps=2,
)
case("batch_norm_matrix", lambda f: f.dygraph.BatchNorm(6), matrix, steps=2)
case("batch_norm_nhwc", lambda f: f.dygraph.BatchNorm(5, data_layout="NHWC"), image)
case(
    "batch_norm_attr",
    lambda f: f.dygraph.BatchNorm(
        4,
        param_attr=f.ParamAttr(initializer=f.initializer.Constant(2.0), trainable=False),
        moving_mean_name="m",
        moving_variance_name="v",
    ),
    image,
)
case("instance_norm", lambda f: f.dygraph.InstanceNorm(4), image)
case("layer_norm", lambda f: f.dygraph.LayerNorm(6), matrix)
case("layer_norm_block", lambda f: f.dygraph.LayerNorm([6, 5], act="sigmoid"), image)
case("layer_norm_bare", lambda f: f.dygraph.LayerNorm(6, scale=False, shift=False), matrix)
case("group_norm", lambda f: f.dygraph.GroupNorm(4, 2, param_attr=f.ParamAttr(), bias_attr=f.ParamAttr()), image)
case("group_norm_bare", lambda f: f.dygraph.GroupNorm(4, 2), image, forward_only=True)
case("group_norm_act", lambda f: f.dygraph.GroupNorm(4, 4, act="relu", epsilon=1e-3), image, forward_only=True)
case(
    "spectral_norm",
    lambda f: f.dygraph.SpectralNorm([3, 4, 2], dim=1, power_iters=2),
    lambda i: [i.normal(3, 4, 2)],
    steps=2,
    forward_only=True,
)
case(
    "spectral_norm_first",
    lambda f: f.dygraph.SpectralNorm([3, 4, 2], dim=0, power_iters=1),
    lambda i: [i.normal(3, 4, 2)],
    forward_only=True,
)
case(
    "spectral_norm_matrix",
    lambda f: f.dygraph.SpectralNorm([3, 4], dim=1, power_iters=3),
    lambda i: [i.normal(3, 4)],
    forward_only=True,
)
case("dropout_eval", lambda f: f.dygraph.Dropout(0.3), matrix, mode="eval", constant=(0,))
case("dropout_seed", lambda f: f.dygraph.Dropout(0.3, seed=5), matrix)
case("dropout_upscale", lambda f: f.dygraph.Dropout(0.3, seed=5, dropout_implementation="upscale_in_train"), matrix)
case(
    "dropout_upscale_eval",
    lambda f: f.dygraph.Dropout(0.3, dropout_implementation="upscale_in_train"),
    matrix,
    mode="eval",
    constant=(0,),
)
case("embedding", lambda f: f.dygraph.Embedding([7, 3]), lambda i: [i.integers(7, 2, 4)])
case("embedding_column", lambda f: f.dygraph.Embedding([7, 3]), lambda i: [i.integers(7, 4, 1)])
case("embedding_padding", lambda f: f.dygraph.Embedding([7, 3], padding_idx=-1), lambda i: [np.array([[0, 6], [6, 2]])])
case("gru_unit", lambda f: f.dygraph.GRUUnit(9), lambda i: [i.normal(2, 9), i.normal(2, 3)])
case(
    "gru_unit_relu",
    lambda f: f.dygraph.GRUUnit(9, activation="relu", gate_activation="tanh", origin_mode=True, bias_attr=False),
    lambda i: [i.normal(2, 9), i.normal(2, 3)],
)
case("prelu_all", lambda f: f.dygraph.PRelu("all"), image)
case("prelu_channel", lambda f: f.dygraph.PRelu("channel", channel=4), image)
case("prelu_element", lambda f: f.dygraph.PRelu("element", input_shape=[2, 4, 6, 5]), image)
case(
    "bilinear",
    lambda f: f.dygraph.BilinearTensorProduct(3, 4, 5, act="tanh"),
    lambda i: [i.normal(2, 3), i.normal(2, 4)],
)
case(
    "nce",
    lambda f: f.dygraph.NCE(
        5, 3, sampler="custom_dist", custom_dist=[0.0, 0.0, 1.0, 0.0, 0.0], num_neg_samples=4, bias_attr=f.ParamAttr()
    ),
    lambda i: [i.normal(4, 3), i.integers(5, 4, 1)],
)
case(
    "tree_conv",
    lambda f: f.dygraph.TreeConv(3, 4, num_filters=2, max_depth=2),
    lambda i: [i.normal(1, 6, 3), np.array([[[1, 2], [1, 3], [1, 4], [3, 5], [3, 6], [0, 0]]], "int32")],
    constant=(0,),
    forward_only=True,
)
case(
    "tree_conv_deep",
    lambda f: f.dygraph.TreeConv(3, 4, max_depth=4, act=None, bias_attr=True),
    lambda i: [i.normal(1, 6, 3), np.array([[[1, 2], [1, 3], [1, 4], [3, 5], [5, 6], [0, 0]]], "int32")],
    constant=(0,),
    forward_only=True,
)
for reduction in ("mean", "sum", "none"):
    case(
        "mse_" + reduction,
        lambda f, r=reduction: f.dygraph.MSELoss(r),
        lambda i: [i.normal(4, 1), i.normal(4, 1)],
        constant=(1,),
    )
    case(
        "l1_" + reduction,
        lambda f, r=reduction: f.dygraph.L1Loss(r),
        lambda i: [i.normal(4, 3), i.normal(4, 3)],
        constant=(1,),
    )
    case(
        "bce_" + reduction,
        lambda f, r=reduction: f.dygraph.BCELoss(reduction=r),
        lambda i: [i.positive(4, 1), i.truths(4, 1).astype("float32")],
        constant=(1,),
    )
    case(
        "nll_" + reduction,
        lambda f, r=reduction: f.dygraph.NLLLoss(reduction=r),
        lambda i: [i.normal(4, 3), i.integers(3, 4)],
    )
case("sequential", lambda f: f.dygraph.Sequential(f.dygraph.Linear(6, 4), f.dygraph.Linear(4, 2, act="relu")), matrix)
case(
    "sequential_named",
    lambda f: f.dygraph.Sequential(("first", f.dygraph.Linear(6, 4)), ("second", f.dygraph.BatchNorm(4))),
    matrix,
)


def unit(kind):
    def run(fluid, inputs):
        layer = getattr(fluid.contrib.layers, kind)("unit", 3)
        arrays = [inputs.normal(2, 4), inputs.normal(2, 3)] + [inputs.normal(2, 3)] * (kind == "BasicLSTMUnit")
        layer(*map(fluid.dygraph.to_variable, arrays))
        fill_parameters(layer, inputs)
        return evaluate(fluid, layer, arrays, list(layer.named_parameters()))

    return run


CASES["basic_gru_unit"] = unit("BasicGRUUnit")
CASES["basic_lstm_unit"] = unit("BasicLSTMUnit")
