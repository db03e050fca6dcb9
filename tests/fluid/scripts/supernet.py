# ruff: noqa: UP008
"""A DARTS and a PC-DARTS supernet as they were written for Paddle 1.8."""

import numpy as np
import paddle.fluid as fluid
from paddle.fluid.dygraph.nn import BatchNorm, Conv2D, Linear, Pool2D
from paddle.fluid.initializer import ConstantInitializer, MSRAInitializer, NormalInitializer
from paddle.fluid.param_attr import ParamAttr

PRIMITIVES = [
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
]

# (method, order of the search) -> seeds of the two readers. Over a kink of ReLU or max pooling a central difference
# shows every rounding error; in the second order these batches are away from kinks.
SEEDS = {
    ("DARTS", "first"): (1, 2),
    ("PC-DARTS", "first"): (1, 2),
    ("DARTS", "second"): (3, 103),
    ("PC-DARTS", "second"): (1, 101),
}


def conv(inside, outside, size, stride=1, padding=0, dilation=1, groups=None):
    return Conv2D(
        num_channels=inside,
        num_filters=outside,
        filter_size=size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        param_attr=ParamAttr(initializer=MSRAInitializer()),
        bias_attr=False,
        use_cudnn=groups is None,
    )


def norm(channels, affine):
    weight = ParamAttr(initializer=ConstantInitializer(1.0), trainable=affine)
    bias = ParamAttr(initializer=ConstantInitializer(0.0), trainable=affine)
    return BatchNorm(channels, param_attr=weight, bias_attr=bias)


class ReluConvNorm(fluid.dygraph.Layer):
    def __init__(self, inside, outside, size, stride, padding, affine=False):
        super(ReluConvNorm, self).__init__()
        self.conv = conv(inside, outside, size, stride, padding)
        self.bn = norm(outside, affine)

    def forward(self, x):
        return self.bn(self.conv(fluid.layers.relu(x)))


class DilConv(fluid.dygraph.Layer):
    def __init__(self, channels, size, stride, padding, dilation, affine=False):
        super(DilConv, self).__init__()
        self.depthwise = conv(channels, channels, size, stride, padding, dilation, groups=channels)
        self.pointwise = conv(channels, channels, 1)
        self.bn = norm(channels, affine)

    def forward(self, x):
        return self.bn(self.pointwise(self.depthwise(fluid.layers.relu(x))))


class SepConv(fluid.dygraph.Layer):
    def __init__(self, channels, size, stride, padding, affine=False):
        super(SepConv, self).__init__()
        self.first = DilConv(channels, size, stride, padding, 1, affine)
        self.second = DilConv(channels, size, 1, padding, 1, affine)

    def forward(self, x):
        return self.second(self.first(x))


class PoolNorm(fluid.dygraph.Layer):
    def __init__(self, channels, kind, stride):
        super(PoolNorm, self).__init__()
        self.pool = Pool2D(pool_size=3, pool_type=kind, pool_stride=stride, pool_padding=1)
        self.bn = norm(channels, False)

    def forward(self, x):
        return self.bn(self.pool(x))


class Zero(fluid.dygraph.Layer):
    def __init__(self, stride):
        super(Zero, self).__init__()
        self.stride = stride
        self.pool = Pool2D(pool_size=1, pool_type="avg", pool_stride=stride)

    def forward(self, x):
        pooled = self.pool(x)
        return fluid.layers.zeros_like(pooled)


class Identity(fluid.dygraph.Layer):
    def forward(self, x):
        return x


class FactorizedReduce(fluid.dygraph.Layer):
    def __init__(self, inside, outside):
        super(FactorizedReduce, self).__init__()
        self.conv1 = conv(inside, outside // 2, 1, 2)
        self.conv2 = conv(inside, outside // 2, 1, 2)
        self.bn = norm(outside, False)

    def forward(self, x):
        x = fluid.layers.relu(x)
        shifted = fluid.layers.slice(x, axes=[2, 3], starts=[1, 1], ends=[x.shape[2], x.shape[3]])
        shifted = fluid.layers.pad2d(shifted, paddings=[0, 1, 0, 1])
        return self.bn(fluid.layers.concat([self.conv1(x), self.conv2(shifted)], axis=1))


def make_operation(name, channels, stride):
    if name == "none":
        return Zero(stride)
    if name.endswith("pool_3x3"):
        return PoolNorm(channels, name[:3], stride)
    if name == "skip_connect":
        return Identity() if stride == 1 else FactorizedReduce(channels, channels)
    size = int(name[-1])
    if name.startswith("sep"):
        return SepConv(channels, size, stride, size // 2)
    return DilConv(channels, size, stride, size - 1, 2)


def channel_shuffle(x, groups):
    batch, channels, height, width = x.shape
    x = fluid.layers.reshape(x, [batch, groups, channels // groups, height, width])
    x = fluid.layers.transpose(x, [0, 2, 1, 3, 4])
    return fluid.layers.reshape(x, [batch, channels, height, width])


class MixedOp(fluid.dygraph.Layer):
    def __init__(self, channels, stride, method):
        super(MixedOp, self).__init__()
        self.part = 2 if method == "PC-DARTS" else 1
        self.ops = fluid.dygraph.LayerList([make_operation(name, channels // self.part, stride) for name in PRIMITIVES])
        self.pool = Pool2D(pool_size=2, pool_type="max", pool_stride=2)
        self.stride = stride

    def forward(self, x, weights):
        if self.part == 1:
            return fluid.layers.sums([weights[i] * op(x) for i, op in enumerate(self.ops)])
        share = x.shape[1] // self.part
        searched, kept = x[:, :share, :, :], x[:, share:, :, :]
        mixed = fluid.layers.sums([weights[i] * op(searched) for i, op in enumerate(self.ops)])
        kept = kept if self.stride == 1 else self.pool(kept)
        return channel_shuffle(fluid.layers.concat([mixed, kept], axis=1), self.part)


class Cell(fluid.dygraph.Layer):
    def __init__(self, steps, multiplier, before2, before, channels, reduction, reduction_before, method):
        super(Cell, self).__init__()
        self.steps, self.multiplier = steps, multiplier
        if reduction_before:
            self.preprocess0 = FactorizedReduce(before2, channels)
        else:
            self.preprocess0 = ReluConvNorm(before2, channels, 1, 1, 0)
        self.preprocess1 = ReluConvNorm(before, channels, 1, 1, 0)
        operations = []
        for i in range(steps):
            for j in range(2 + i):
                operations.append(MixedOp(channels, 2 if reduction and j < 2 else 1, method))
        self.operations = fluid.dygraph.LayerList(operations)

    def forward(self, s0, s1, weights, edges=None):
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        offset = 0
        for _ in range(self.steps):
            terms = []
            for j, state in enumerate(states):
                term = self.operations[offset + j](state, weights[offset + j])
                terms.append(term if edges is None else edges[offset + j] * term)
            offset += len(states)
            states.append(fluid.layers.sums(terms))
        return fluid.layers.concat(states[-self.multiplier :], axis=1)


class Network(fluid.dygraph.Layer):
    def __init__(self, method="DARTS", channels=4, num_classes=5, layers=3, steps=2, multiplier=2):
        super(Network, self).__init__()
        self._method = method
        self._steps, self._multiplier = steps, multiplier
        self._primitives = PRIMITIVES
        self.stem_conv = conv(3, 2 * channels, 3, 1, 1)
        self.stem_bn = BatchNorm(2 * channels, act=None)
        before2, before, now = 2 * channels, 2 * channels, channels
        cells, reduction_before = [], False
        for i in range(layers):
            reduction = i in (layers // 3, 2 * layers // 3)
            now = now * 2 if reduction else now
            cells.append(Cell(steps, multiplier, before2, before, now, reduction, reduction_before, method))
            reduction_before = reduction
            before2, before = before, multiplier * now
        self.cells = fluid.dygraph.LayerList(cells)
        self.global_pooling = Pool2D(pool_type="avg", global_pooling=True)
        self.classifier = Linear(
            input_dim=before,
            output_dim=num_classes,
            param_attr=ParamAttr(initializer=MSRAInitializer()),
            bias_attr=ParamAttr(initializer=MSRAInitializer()),
        )
        self._initialize_alphas()

    def _initialize_alphas(self):
        edges = sum(2 + i for i in range(self._steps))

        def create(shape):
            return fluid.layers.create_parameter(
                shape=shape,
                dtype="float32",
                default_initializer=NormalInitializer(loc=0.0, scale=1e-3),
            )

        self.alphas_normal = create([edges, len(PRIMITIVES)])
        self.alphas_reduce = create([edges, len(PRIMITIVES)])
        self._arch_parameters = [self.alphas_normal, self.alphas_reduce]
        if self._method == "PC-DARTS":
            self.betas_normal = create([edges])
            self.betas_reduce = create([edges])
            self._arch_parameters += [self.betas_normal, self.betas_reduce]

    def _edge_weights(self, betas):
        parts, start = [], 0
        for i in range(self._steps):
            parts.append(fluid.layers.softmax(betas[start : start + 2 + i]))
            start += 2 + i
        return fluid.layers.concat(parts)

    def forward(self, x):
        s0 = s1 = self.stem_bn(self.stem_conv(x))
        for cell, reduction in zip(self.cells, self._reductions()):
            weights = fluid.layers.softmax(self.alphas_reduce if reduction else self.alphas_normal)
            edges = None
            if self._method == "PC-DARTS":
                edges = self._edge_weights(self.betas_reduce if reduction else self.betas_normal)
            s0, s1 = s1, cell(s0, s1, weights, edges)
        pooled = fluid.layers.squeeze(self.global_pooling(s1), axes=[2, 3])
        return self.classifier(pooled)

    def _reductions(self):
        layers = len(self.cells)
        return [i in (layers // 3, 2 * layers // 3) for i in range(layers)]

    def _loss(self, image, label):
        logits = self(image)
        return fluid.layers.reduce_mean(fluid.layers.softmax_with_cross_entropy(logits, label))

    def arch_parameters(self):
        return self._arch_parameters


def make_readers(method, order):
    return [make_reader(seed) for seed in SEEDS[method, order]]


def make_reader(seed, batches=4, size=8):
    def read():
        generator = np.random.RandomState(seed)
        for _ in range(batches):
            label = generator.randint(0, 5, (size, 1)).astype("int64")
            image = generator.randn(size, 3, 8, 8).astype("float32") + 0.3 * label[:, :, None, None]
            yield image.astype("float32"), label

    return read
