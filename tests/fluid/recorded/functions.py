"""Cases: the functions of `fluid.layers`, forward and backward.

CASES maps a name to a function of (fluid, inputs) that returns arrays by name.
"""

import numpy as np

from .evaluation import evaluate

CASES = {}


def case(name, function, draw, constant=()):
    """Enter a case: `function(fluid.layers, *variables)` on the arrays that `draw(inputs)` returns."""

    def run(fluid, inputs):
        return evaluate(fluid, lambda *v: function(fluid.layers, *v), draw(inputs), constant=constant)

    CASES[name] = run


def square(i):
    return [i.normal(3, 4)]


def inside(i):
    return [i.positive(3, 4)]


for name in [
    "abs",
    "atan",
    "ceil",
    "cos",
    "erf",
    "exp",
    "floor",
    "gelu",
    "hard_shrink",
    "logsigmoid",
    "round",
    "sigmoid",
    "sin",
    "softplus",
    "softshrink",
    "softsign",
    "square",
    "tanh",
    "tanh_shrink",
    "thresholded_relu",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "brelu",
    "soft_relu",
    "swish",
    "hard_sigmoid",
    "hard_swish",
    "mish",
    "stanh",
    "sign",
    "softmax",
    "log_softmax",
    "cumsum",
    "mean",
    "logsumexp",
]:
    case(name, lambda L, x, name=name: getattr(L, name)(x), square)
for name in ["log", "log1p", "sqrt", "rsqrt", "reciprocal", "acos", "asin"]:
    case(name, lambda L, x, name=name: getattr(L, name)(x), inside)
case("leaky_relu_alpha", lambda L, x: L.leaky_relu(x, alpha=0.3), square)
case("elu_alpha", lambda L, x: L.elu(x, alpha=0.7), square)
case("relu6_threshold", lambda L, x: L.relu6(x * 3.0, threshold=1.5), square)
case("swish_beta", lambda L, x: L.swish(x, beta=1.7), square)
case("hard_sigmoid_slope", lambda L, x: L.hard_sigmoid(x, slope=0.3, offset=0.4), square)
case("hard_swish_scale", lambda L, x: L.hard_swish(x * 3.0, threshold=4.0, scale=5.0, offset=2.0), square)
case("soft_relu_threshold", lambda L, x: L.soft_relu(x * 3.0, threshold=1.0), square)
case("gelu_tanh", lambda L, x: L.gelu(x, approximate=True), square)
case("pow_factor", lambda L, x: L.pow(x, factor=3.0), square)
case("round_halves", lambda L, x: L.round(x), lambda i: [np.array([-1.5, -0.5, 0.5, 1.5, 2.5], "float32")])
case("softmax_axis", lambda L, x: L.softmax(x, axis=0), square)
case("cumsum_axis", lambda L, x: L.cumsum(x, axis=0), square)
case("cumsum_exclusive", lambda L, x: L.cumsum(x, axis=1, exclusive=True), square)
case("cumsum_reverse", lambda L, x: L.cumsum(x, axis=1, reverse=True), square)
case("log_softmax_axis", lambda L, x: L.log_softmax(x, axis=0), square)
case("maxout", lambda L, x: L.maxout(x, groups=2), lambda i: [i.normal(2, 6, 3, 3)])
case("scale", lambda L, x: L.scale(x, scale=2.0, bias=1.0), square)
case("scale_before", lambda L, x: L.scale(x, scale=2.0, bias=1.0, bias_after_scale=False, act="relu"), square)
case("clip", lambda L, x: L.clip(x, -0.5, 0.7), square)
case("clip_by_norm", lambda L, x: L.clip_by_norm(x, 1.0), square)
case("clip_by_norm_long", lambda L, x: L.clip_by_norm(x, 100.0), square)
case("l2_normalize", lambda L, x: L.l2_normalize(x, axis=1), square)
case("l2_normalize_vector", lambda L, x: L.l2_normalize(x, axis=0), lambda i: [i.normal(5)])

# two variables, aligned at `axis`
for name in ["add", "sub", "mul", "div", "max", "min"]:
    case(
        "elementwise_" + name,
        lambda L, x, y, name=name: getattr(L, "elementwise_" + name)(x, y),
        lambda i: [i.normal(3, 4), i.positive(3, 4)],
    )
    case(
        f"elementwise_{name}_axis",
        lambda L, x, y, name=name: getattr(L, "elementwise_" + name)(x, y, axis=0),
        lambda i: [i.normal(2, 3, 4), i.positive(2)],
    )
    case(
        f"elementwise_{name}_middle",
        lambda L, x, y, name=name: getattr(L, "elementwise_" + name)(x, y, axis=1, act="sigmoid"),
        lambda i: [i.normal(2, 3, 4, 5), i.positive(3, 4)],
    )
    case(
        f"elementwise_{name}_tail",
        lambda L, x, y, name=name: getattr(L, "elementwise_" + name)(x, y),
        lambda i: [i.normal(2, 3, 4), i.positive(3, 4)],
    )
case("elementwise_pow", lambda L, x, y: L.elementwise_pow(x, y), lambda i: [i.positive(3, 4), i.positive(3, 4)])
WHOLE = np.array([[-7, 7, 5], [-5, 9, -9]], "int64")
DIVISOR = np.array([[2, 2, 3], [3, 4, 4]], "int64")
case(
    "elementwise_mod_float",
    lambda L, x, y: L.elementwise_mod(x, y),
    lambda i: [3 * i.normal(3, 4), i.positive(3, 4)],
    constant=(0, 1),
)
case("elementwise_floordiv", lambda L, x, y: L.elementwise_floordiv(x, y), lambda i: [abs(WHOLE), DIVISOR])
case("elementwise_floordiv_negative", lambda L, x, y: L.elementwise_floordiv(x, y), lambda i: [WHOLE, DIVISOR])
case("elementwise_mod", lambda L, x, y: L.elementwise_mod(x, y), lambda i: [abs(WHOLE), DIVISOR])
case("elementwise_mod_negative", lambda L, x, y: L.elementwise_mod(x, y), lambda i: [WHOLE, DIVISOR])
case("elementwise_div_integers", lambda L, x, y: L.elementwise_div(x, y), lambda i: [WHOLE, DIVISOR])
for name in ["and", "or", "xor"]:
    case(
        "logical_" + name,
        lambda L, x, y, name=name: getattr(L, "logical_" + name)(x, y),
        lambda i: [i.truths(3, 4), i.truths(3, 4)],
    )
case("logical_not", lambda L, x: L.logical_not(x), lambda i: [i.truths(3, 4)])
for name in ["equal", "not_equal", "less_than", "less_equal", "greater_than", "greater_equal"]:
    case(name, lambda L, x, y, name=name: getattr(L, name)(x, y), lambda i: [i.integers(3, 3, 4), i.integers(3, 3, 4)])

# reductions
for name in ["sum", "mean", "max", "min", "prod"]:
    reduce = "reduce_" + name
    case(reduce, lambda L, x, reduce=reduce: getattr(L, reduce)(x), square)
    case(reduce + "_dim", lambda L, x, reduce=reduce: getattr(L, reduce)(x, dim=1), square)
    case(reduce + "_last", lambda L, x, reduce=reduce: getattr(L, reduce)(x, dim=-1, keep_dim=True), square)
    case(reduce + "_list", lambda L, x, reduce=reduce: getattr(L, reduce)(x, dim=[0, 2]), lambda i: [i.normal(2, 3, 4)])
    case(reduce + "_vector", lambda L, x, reduce=reduce: getattr(L, reduce)(x, dim=0), lambda i: [i.normal(5)])
case("reduce_all", lambda L, x: L.reduce_all(x, dim=0), lambda i: [i.truths(3, 4)])
case("reduce_any", lambda L, x: L.reduce_any(x), lambda i: [i.truths(3, 4)])

# products
case("matmul", lambda L, x, y: L.matmul(x, y), lambda i: [i.normal(2, 3), i.normal(3, 4)])
case(
    "matmul_transposed",
    lambda L, x, y: L.matmul(x, y, transpose_x=True, transpose_y=True, alpha=0.5),
    lambda i: [i.normal(3, 2), i.normal(4, 3)],
)
case("matmul_batch", lambda L, x, y: L.matmul(x, y, transpose_y=True), lambda i: [i.normal(2, 3, 4), i.normal(2, 5, 4)])
case("matmul_vectors", lambda L, x, y: L.matmul(x, y), lambda i: [i.normal(4), i.normal(4)])
case("matmul_vector", lambda L, x, y: L.matmul(x, y), lambda i: [i.normal(3, 4), i.normal(4)])
case(
    "mul",
    lambda L, x, y: L.mul(x, y, x_num_col_dims=2, y_num_col_dims=2),
    lambda i: [i.normal(2, 3, 4), i.normal(2, 2, 5)],
)
case("mul_plain", lambda L, x, y: L.mul(x, y), lambda i: [i.normal(2, 6), i.normal(6, 5)])
case("bmm", lambda L, x, y: L.bmm(x, y), lambda i: [i.normal(2, 3, 4), i.normal(2, 4, 5)])
case("dot", lambda L, x, y: L.dot(x, y), lambda i: [i.normal(3, 4), i.normal(3, 4)])
case("cos_sim", lambda L, x, y: L.cos_sim(x, y), lambda i: [i.normal(3, 4), i.normal(3, 4)])
case("cos_sim_one", lambda L, x, y: L.cos_sim(x, y), lambda i: [i.normal(3, 4), i.normal(1, 4)])
case("cross", lambda L, x, y: L.cross(x, y), lambda i: [i.normal(3, 3), i.normal(3, 3)])
case(
    "addmm",
    lambda L, a, x, y: L.addmm(a, x, y, alpha=2.0, beta=0.5),
    lambda i: [i.normal(2, 4), i.normal(2, 3), i.normal(3, 4)],
)
case(
    "addcmul",
    lambda L, a, x, y: L.addcmul(a, x, y, value=0.5),
    lambda i: [i.normal(2, 4), i.normal(2, 4), i.normal(2, 4)],
)
case("fsp_matrix", lambda L, x, y: L.fsp_matrix(x, y), lambda i: [i.normal(2, 3, 4, 4), i.normal(2, 5, 4, 4)])
case("dist", lambda L, x, y: L.dist(x, y, p=2), lambda i: [i.normal(3, 4), i.normal(3, 4)])
case("clamp", lambda L, x: L.clamp(x, -0.5, 0.5), square)
case("kron", lambda L, x, y: L.kron(x, y), lambda i: [i.normal(2, 3), i.normal(2, 2)])
case("diag_embed", lambda L, x: L.diag_embed(x), lambda i: [i.normal(2, 3)])

# shapes
block = lambda i: [i.normal(2, 3, 4)]  # noqa: E731
case("reshape", lambda L, x: L.reshape(x, [0, -1]), block)
case("reshape_act", lambda L, x: L.reshape(x, [-1, 0, 2, 2], act="relu"), block)
case("squeeze", lambda L, x: L.squeeze(x, axes=[1]), lambda i: [i.normal(2, 1, 3, 1)])
case("squeeze_all", lambda L, x: L.squeeze(x, axes=[]), lambda i: [i.normal(2, 1, 3, 1)])
case("unsqueeze", lambda L, x: L.unsqueeze(x, axes=[0, 2]), block)
case("transpose", lambda L, x: L.transpose(x, [2, 0, 1]), block)
case("t", lambda L, x: L.t(x), square)
case("flatten", lambda L, x: L.flatten(x, axis=2), block)
case("flatten_zero", lambda L, x: L.flatten(x, axis=0), block)
case("expand", lambda L, x: L.expand(x, [2, 1, 3]), block)
case("expand_as", lambda L, x, y: L.expand_as(x, y), lambda i: [i.normal(1, 2), i.normal(3, 4)], constant=(1,))
case("split", lambda L, x: L.split(x, 2, dim=2), block)
case("split_sections", lambda L, x: L.split(x, [1, -1], dim=1), block)
case("concat", lambda L, x, y: L.concat([x, y], axis=1), lambda i: [i.normal(2, 3), i.normal(2, 4)])
case("stack", lambda L, x, y: L.stack([x, y], axis=1), lambda i: [i.normal(2, 3), i.normal(2, 3)])
case("unstack", lambda L, x: L.unstack(x, axis=1), block)
case("slice", lambda L, x: L.slice(x, axes=[0, 2], starts=[1, -3], ends=[2, 4]), block)
case("strided_slice", lambda L, x: L.strided_slice(x, axes=[2], starts=[0], ends=[4], strides=[2]), block)
case("gather", lambda L, x, n: L.gather(x, n), lambda i: [i.normal(5, 3), i.integers(5, 4)])
case("gather_summed", lambda L, x, n: L.gather(x, n, overwrite=False), lambda i: [i.normal(5, 3), np.array([1, 3, 1])])
case("gather_nd", lambda L, x, n: L.gather_nd(x, n), lambda i: [i.normal(3, 4), i.integers(3, 5, 2)])
case("scatter", lambda L, x, n, u: L.scatter(x, n, u), lambda i: [i.normal(5, 3), np.array([3, 1]), i.normal(2, 3)])
case(
    "scatter_add",
    lambda L, x, n, u: L.scatter(x, n, u, overwrite=False),
    lambda i: [i.normal(5, 3), np.array([3, 3]), i.normal(2, 3)],
)
case(
    "scatter_nd_add",
    lambda L, x, n, u: L.scatter_nd_add(x, n, u),
    lambda i: [i.normal(5, 3), i.integers(5, 2, 1), i.normal(2, 3)],
)
case("scatter_nd", lambda L, n, u: L.scatter_nd(n, u, [5, 3]), lambda i: [i.integers(5, 2, 1), i.normal(2, 3)])
case("index_select", lambda L, x, n: L.index_select(x, n, dim=1), lambda i: [i.normal(2, 5), i.integers(5, 3)])
case("index_sample", lambda L, x, n: L.index_sample(x, n), lambda i: [i.normal(2, 5), i.integers(5, 2, 3)])
case(
    "multiplex",
    lambda L, x, y, n: L.multiplex([x, y], n),
    lambda i: [i.normal(4, 3), i.normal(4, 3), i.integers(2, 4, 1).astype("int32")],
)
case("topk", lambda L, x: L.topk(x, 2), square)
case("one_hot", lambda L, n: L.one_hot(n, 5), lambda i: [i.integers(5, 4, 1)])
case("pad", lambda L, x: L.pad(x, [0, 1, 2, 0], pad_value=0.5), square)
case("pad2d", lambda L, x: L.pad2d(x, [1, 2, 0, 1], pad_value=0.5), lambda i: [i.normal(1, 2, 3, 4)])
case("pad2d_reflect", lambda L, x: L.pad2d(x, [1, 2, 0, 1], mode="reflect"), lambda i: [i.normal(1, 2, 3, 4)])
case("pad2d_edge", lambda L, x: L.pad2d(x, [1, 2, 0, 1], mode="edge"), lambda i: [i.normal(1, 2, 3, 4)])
case(
    "pad_constant_like",
    lambda L, x, y: L.pad_constant_like(x, y, 0.5),
    lambda i: [i.normal(3, 4), i.normal(2, 3)],
    constant=(0,),
)
case("crop_tensor", lambda L, x: L.crop_tensor(x, shape=[1, 2, -1], offsets=[1, 0, 1]), block)
case("crop", lambda L, x: L.crop(x, shape=[1, 2, 2], offsets=[1, 0, 1]), block)
case("flip", lambda L, x: L.flip(x, [0, 2]), block)
case("reverse", lambda L, x: L.reverse(x, [1]), block)
case("roll", lambda L, x: L.roll(x, 1, dims=1), block)
case("meshgrid", lambda L, x, y: L.meshgrid([x, y]), lambda i: [i.normal(3), i.normal(4)])
case("shape", lambda L, x: L.shape(x), block)
case("size", lambda L, x: L.size(x), block)
case("where", lambda L, c: L.where(c), lambda i: [i.truths(3, 4)])
case("nonzero", lambda L, c: L.nonzero(c), lambda i: [i.truths(3, 4)])
case("unique", lambda L, x: L.unique(x), lambda i: [np.array([2, 3, 3, 1, 5, 3], "int64")])
case("unique_with_counts", lambda L, x: L.unique_with_counts(x), lambda i: [np.array([2, 3, 3, 1, 5, 3], "int64")])
case("shard_index", lambda L, x: L.shard_index(x, 20, 2, 0), lambda i: [i.integers(20, 6, 1)])
case("gather_tree", lambda L, x, y: L.gather_tree(x, y), lambda i: [i.integers(9, 4, 2, 3), i.integers(3, 4, 2, 3)])
case("sequence_mask", lambda L, x: L.sequence_mask(x, maxlen=6), lambda i: [i.integers(6, 4)])
case("sequence_mask_float", lambda L, x: L.sequence_mask(x, dtype="float32"), lambda i: [i.integers(6, 4)])

# making variables
case("cast", lambda L, x: L.cast(x, "int64"), square)
case("cast_gradient", lambda L, x: L.cast(L.cast(x, "float64"), "float32"), square)
case("assign", lambda L, x: L.assign(x), square)
case("sums", lambda L, x, y: L.sums([x, y]), lambda i: [i.normal(2, 3), i.normal(2, 3)])
case("sum", lambda L, x, y: L.sum([x, y]), lambda i: [i.normal(2, 3), i.normal(2, 3)])
case("argmax", lambda L, x: L.argmax(x), square)
case("argmin", lambda L, x: L.argmin(x, axis=1), square)
case("argsort", lambda L, x: L.argsort(x, axis=1), square)
case("argsort_descending", lambda L, x: L.argsort(x, axis=0, descending=True), square)
case("ones_like", lambda L, x: L.ones_like(x), square)
case("zeros_like", lambda L, x: L.zeros_like(x), square)
case("fill_constant", lambda L, x: L.fill_constant([2, 3], "int64", 4), square)
case("fill_constant_batch_size_like", lambda L, x: L.fill_constant_batch_size_like(x, [1, 6], "float32", 2.5), square)
case("ones", lambda L, x: L.ones([2, 3], "float32"), square)
case("zeros", lambda L, x: L.zeros([2, 3], "int32"), square)
case("full", lambda L, x: L.full([2, 3], 1.5, dtype="float32"), square)
case("full_like", lambda L, x: L.full_like(x, 1.5), square)
case("eye", lambda L, x: L.eye(3, 4, batch_shape=[2]), square)
case("diag", lambda L, x: L.diag(x), lambda i: [i.normal(3)])
case("range", lambda L, x: L.range(1, 9, 2, "int64"), square)
case("arange", lambda L, x: L.arange(0, 5, 2, dtype="float32"), square)
case("linspace", lambda L, x: L.linspace(0.0, 1.0, 5, "float32"), square)
case("has_inf", lambda L, x: L.has_inf(x), square)
case("has_nan", lambda L, x: L.has_nan(x), lambda i: [np.array([1, np.nan], "float32")])
case("isfinite", lambda L, x: L.isfinite(x), square)
case("tril", lambda L, x: L.tril(x), square)
case("triu", lambda L, x: L.triu(x, diagonal=1), square)
case("trace", lambda L, x: L.trace(x), square)
case("increment", lambda L, x: L.increment(x, 2.0), lambda i: [i.normal(1)], constant=(0,))
case("is_empty", lambda L, x: L.is_empty(x), square)
case(
    "tensor_array_to_tensor",
    lambda L, x, y: L.tensor_array_to_tensor([x, y], axis=1),
    lambda i: [i.normal(2, 3), i.normal(2, 4)],
)

# images
image = lambda i: [i.normal(2, 4, 5, 6)]  # noqa: E731
for kind in ("max", "avg"):
    case("pool2d_" + kind, lambda L, x, kind=kind: L.pool2d(x, 3, kind, 2, 1), image)
    case(f"pool2d_{kind}_ceil", lambda L, x, kind=kind: L.pool2d(x, 2, kind, 2, 0, ceil_mode=True), image)
    case(f"pool2d_{kind}_global", lambda L, x, kind=kind: L.pool2d(x, pool_type=kind, global_pooling=True), image)
    case("pool3d_" + kind, lambda L, x, kind=kind: L.pool3d(x, 2, kind, 2, 0), lambda i: [i.normal(1, 2, 4, 4, 4)])
    case("adaptive_pool2d_" + kind, lambda L, x, kind=kind: L.adaptive_pool2d(x, [2, 3], kind), image)
    case(
        "adaptive_pool3d_" + kind,
        lambda L, x, kind=kind: L.adaptive_pool3d(x, 2, kind),
        lambda i: [i.normal(1, 2, 4, 4, 4)],
    )
case("pool2d_avg_inclusive", lambda L, x: L.pool2d(x, 3, "avg", 1, 1, exclusive=False), image)
case("resize_bilinear", lambda L, x: L.resize_bilinear(x, [7, 9]), image)
case("resize_bilinear_mode0", lambda L, x: L.resize_bilinear(x, [7, 9], align_corners=False, align_mode=0), image)
case("resize_bilinear_mode1", lambda L, x: L.resize_bilinear(x, [7, 9], align_corners=False, align_mode=1), image)
case("resize_bilinear_scale", lambda L, x: L.resize_bilinear(x, scale=2.0), image)
case("resize_nearest", lambda L, x: L.resize_nearest(x, [7, 9]), image)
case("resize_nearest_edges", lambda L, x: L.resize_nearest(x, scale=2.0, align_corners=False), image)
case("resize_nearest_smaller", lambda L, x: L.resize_nearest(x, [3, 4]), image)
case("resize_trilinear", lambda L, x: L.resize_trilinear(x, [3, 4, 5]), lambda i: [i.normal(1, 2, 2, 3, 4)])
case("image_resize_short", lambda L, x: L.image_resize_short(x, 8), image)
case("lrn", lambda L, x: L.lrn(x, alpha=0.3), image)
case("pixel_shuffle", lambda L, x: L.pixel_shuffle(x, 2), image)
case("shuffle_channel", lambda L, x: L.shuffle_channel(x, 2), image)
case("space_to_depth", lambda L, x: L.space_to_depth(x, 2), lambda i: [i.normal(1, 8, 4, 6)])
case("temporal_shift", lambda L, x: L.temporal_shift(x, 2, 0.25), lambda i: [i.normal(4, 4, 2, 2)])
case("unfold", lambda L, x: L.unfold(x, [2, 2], 1, 1), image)
case("affine_grid", lambda L, x: L.affine_grid(x, [2, 3, 4, 5]), lambda i: [i.normal(2, 2, 3)])
case(
    "grid_sampler", lambda L, x, g: L.grid_sampler(x, g), lambda i: [i.normal(2, 3, 4, 4), i.positive(2, 4, 4, 2) - 0.5]
)
case(
    "affine_channel",
    lambda L, x, s, b: L.affine_channel(x, s, b),
    lambda i: [i.normal(2, 4, 3, 3), i.normal(4), i.normal(4)],
)

# losses
labelled = lambda i: [i.probabilities(4, 5), i.integers(5, 4, 1)]  # noqa: E731
logits = lambda i: [i.normal(4, 5), i.integers(5, 4, 1)]  # noqa: E731
case("cross_entropy", lambda L, p, y: L.cross_entropy(p, y), labelled)
case(
    "cross_entropy_ignored",
    lambda L, p, y: L.cross_entropy(p, y, ignore_index=2),
    lambda i: [i.probabilities(4, 5), np.array([[0], [2], [2], [4]])],
)
case(
    "cross_entropy_soft",
    lambda L, p, y: L.cross_entropy(p, y, soft_label=True),
    lambda i: [i.probabilities(4, 5), i.probabilities(4, 5)],
    constant=(1,),
)
case(
    "cross_entropy_sequence",
    lambda L, p, y: L.cross_entropy(p, y),
    lambda i: [i.probabilities(2, 3, 5), i.integers(5, 2, 3, 1)],
)
case("softmax_with_cross_entropy", lambda L, x, y: L.softmax_with_cross_entropy(x, y), logits)
case(
    "softmax_with_cross_entropy_both",
    lambda L, x, y: L.softmax_with_cross_entropy(x, y, return_softmax=True)[0],
    logits,
)
case(
    "softmax_with_cross_entropy_soft",
    lambda L, x, y: L.softmax_with_cross_entropy(x, y, soft_label=True),
    lambda i: [i.normal(4, 5), i.probabilities(4, 5)],
    constant=(1,),
)
case(
    "sigmoid_cross_entropy_with_logits",
    lambda L, x, y: L.sigmoid_cross_entropy_with_logits(x, y),
    lambda i: [i.normal(4, 5), i.positive(4, 5)],
    constant=(1,),
)
case(
    "sigmoid_cross_entropy_normalized",
    lambda L, x, y: L.sigmoid_cross_entropy_with_logits(x, y, ignore_index=-1, normalize=True),
    lambda i: [i.normal(2, 3), np.array([[0, 1, -1], [1, -1, 0]], "float32")],
    constant=(1,),
)
pair = lambda i: [i.normal(4, 3), i.normal(4, 3)]  # noqa: E731
case("square_error_cost", lambda L, x, y: L.square_error_cost(x, y), pair)
case("mse_loss", lambda L, x, y: L.mse_loss(x, y), pair)
case("smooth_l1", lambda L, x, y: L.smooth_l1(x, y), pair, constant=(1,))
case(
    "smooth_l1_weighted",
    lambda L, x, y, a, b: L.smooth_l1(x, y, a, b, sigma=2.0),
    lambda i: [i.normal(4, 3), i.normal(4, 3), i.positive(4, 3), i.positive(4, 3)],
    constant=(1, 2, 3),
)
case("huber_loss", lambda L, x, y: L.huber_loss(x, y, 0.7), lambda i: [i.normal(4, 1), i.normal(4, 1)])
case(
    "log_loss",
    lambda L, x, y: L.log_loss(x, y),
    lambda i: [i.positive(4, 1), i.truths(4, 1).astype("float32")],
    constant=(1,),
)
for reduction in ("mean", "sum", "batchmean", "none"):
    case(
        "kldiv_loss_" + reduction,
        lambda L, x, y, reduction=reduction: L.kldiv_loss(x, y, reduction),
        lambda i: [i.normal(4, 3), i.probabilities(4, 3)],
        constant=(1,),
    )
case("bpr_loss", lambda L, x, y: L.bpr_loss(x, y), labelled)
case(
    "rank_loss",
    lambda L, y, a, b: L.rank_loss(y, a, b),
    lambda i: [i.truths(4, 1).astype("float32"), i.normal(4, 1), i.normal(4, 1)],
    constant=(0,),
)
case(
    "margin_rank_loss",
    lambda L, y, a, b: L.margin_rank_loss(y, a, b, margin=0.2),
    lambda i: [2 * i.truths(4, 1).astype("float32") - 1, i.normal(4, 1), i.normal(4, 1)],
    constant=(0,),
)
case(
    "npair_loss",
    lambda L, a, b, y: L.npair_loss(a, b, y),
    lambda i: [i.normal(4, 3), i.normal(4, 3), np.array([0, 1, 0, 2], "float32")],
    constant=(2,),
)
case(
    "teacher_student_sigmoid_loss",
    lambda L, x, y: L.teacher_student_sigmoid_loss(x, y),
    lambda i: [i.normal(4, 1), np.array([[-2], [-1], [0.3], [1.6]], "float32")],
    constant=(1,),
)
case("dice_loss", lambda L, p, y: L.dice_loss(p, y), labelled)
case("label_smooth", lambda L, x: L.label_smooth(x, epsilon=0.2), lambda i: [i.probabilities(4, 5)])
case("accuracy", lambda L, p, y: L.accuracy(p, y), labelled, constant=(0,))
case("accuracy_k", lambda L, p, y: L.accuracy(p, y, k=3), labelled, constant=(0,))
case(
    "mean_iou",
    lambda L, p, y: L.mean_iou(p, y, 4),
    lambda i: [i.integers(4, 9).astype("int32"), i.integers(4, 9).astype("int32")],
)

# detection
boxes = lambda i: [np.sort(i.positive(3, 2, 2), 1).reshape(3, 4), np.sort(i.positive(4, 2, 2), 1).reshape(4, 4)]  # noqa: E731
case("iou_similarity", lambda L, x, y: L.iou_similarity(x, y), boxes, constant=(0, 1))
case(
    "iou_similarity_pixels",
    lambda L, x, y: L.iou_similarity(x * 9.0, y * 9.0, box_normalized=False),
    boxes,
    constant=(0, 1),
)
case(
    "yolo_box",
    lambda L, x, s: L.yolo_box(x, s, [10, 13, 16, 30], 2, 0.1, 32),
    lambda i: [i.normal(1, 14, 3, 3), np.array([[96, 96]], "int32")],
    constant=(0,),
)
case(
    "yolov3_loss",
    lambda L, x, b, y: L.yolov3_loss(x, b, y, [10, 13, 16, 30, 33, 23], [0, 1, 2], 2, 0.7, 32),
    lambda i: [i.normal(1, 21, 3, 3), i.positive(1, 2, 4), i.integers(2, 1, 2).astype("int32")],
    constant=(1,),
)
case(
    "box_coder",
    lambda L, p, v, t: L.box_coder(p, v, t),
    lambda i: [
        np.sort(i.positive(4, 2, 2), 1).reshape(4, 4),
        i.positive(4, 4),
        np.sort(i.positive(3, 2, 2), 1).reshape(3, 4),
    ],
    constant=(0, 1, 2),
)
case(
    "prior_box",
    lambda L, x, y: L.prior_box(x, y, [20.0], [40.0], [1.0, 2.0], flip=True, clip=True),
    lambda i: [i.normal(1, 4, 3, 3), i.normal(1, 3, 60, 60)],
    constant=(0, 1),
)
case(
    "sigmoid_focal_loss",
    lambda L, x, y, n: L.sigmoid_focal_loss(x, y, n),
    lambda i: [i.normal(4, 3), np.array([[0], [1], [3], [-1]], "int32"), np.array([2], "int32")],
)
