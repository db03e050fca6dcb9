"""From the operators of Paddle to those of graphs.

A rule looks at the value that an operator returns and says what of it the graph needs: images, which become nodes,
and tensors, of which operators read parameters; None where only Paddle can compute it.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

import paddle

from ..graph.operators.basic import Block, Concat, Gather
from ..graph.operators.norm import Norm
from ..graph.operators.pooling import Mean, Pool
from ..graph.operators.sums import Bias, Sum, Zeros
from ..graph.parts import concat, conv2d, pointwise, pool, relu, shuffle, slice_channels
from .indexing import basic_index, source_of_number
from .tape import Call, Linear, Ref, Tape

__all__ = ["Number", "Translated", "is_image", "translate"]

BATCH = Linear(1, 0)


class Number(NamedTuple):
    """A constant, which a graph reads as a tensor of one number."""

    number: float


class Translated(NamedTuple):
    """What a graph computes a value from.

    Args:
        images: numbers of values that are nodes of the graph.
        tensors: numbers of values whose tensors operators read, or a `Number` each.
        emit: function of (builder, nodes of the images, numbers of the tensors in the graph) that returns the node.
        connected: whether gradients flow to the images; from zeros of their shape they do not.
    """

    images: tuple[int, ...]
    tensors: tuple[Any, ...]
    emit: Callable
    connected: bool = True


def translate(tape: Tape, value: int) -> Translated | None:
    """Return what a graph computes a value from, None if it does not know its operator."""
    found = tape.values[value]
    if found.call < 0:
        return None
    call = tape.calls[found.call]
    rule = RULES.get(call.name)
    return rule(Rule(tape, call, value)) if rule and not Rule(tape, call, value).has_batch_numbers else None


def is_image(tape: Tape, value: int) -> bool:
    """Return whether a value is `[N, channels, height, width]` of floats."""
    found = tape.values[value]
    lengths = found.shape[1:]
    plain = len(lengths) == 3 and all(type(length) is int and length > 0 for length in lengths)
    return plain and found.shape[0] == BATCH and found.dtype in (paddle.float32, paddle.float64)


class Rule:
    """A value, its call and how rules look at them."""

    def __init__(self, tape: Tape, call: Call, value: int):
        self.tape, self.call, self.value = tape, call, value
        self.position = tape.values[value].position

    @property
    def has_batch_numbers(self):
        """Whether an argument, other than the shape of a reshape, depends on the batch."""
        return self.call.name != "reshape" and contains_linear((self.call.args, self.call.kwargs))

    def argument(self, k, name, default=None):
        """Return an argument by its place, or its name."""
        return self.call.args[k] if k < len(self.call.args) else self.call.kwargs.get(name, default)

    def ref(self, k, name=""):
        """Return the number of the value that an argument is, None if it is none."""
        found = self.argument(k, name)
        return found.value if isinstance(found, Ref) else None

    def shape(self, value=None):
        """Return the lengths of a value, of its own if None."""
        return self.tape.values[self.value if value is None else value].shape

    def image(self, value):
        """Return whether a value is images."""
        return value is not None and is_image(self.tape, value)

    def made_by(self, value, name):
        """Return the rule of a value if an operator of this name made it, else None."""
        if value is None or self.tape.values[value].call < 0:
            return None
        call = self.tape.calls[self.tape.values[value].call]
        return Rule(self.tape, call, value) if call.name == name else None


def contains_linear(structure) -> bool:
    if isinstance(structure, Linear):
        return True
    if isinstance(structure, Ref):
        return False
    if isinstance(structure, (list, tuple)):
        return any(contains_linear(part) for part in structure)
    if isinstance(structure, dict):
        return any(contains_linear(part) for part in structure.values())
    return isinstance(structure, slice) and contains_linear((structure.start, structure.stop, structure.step))


# convolutions


def convolution(rule):
    x, weight = rule.ref(0), rule.ref(1)
    depthwise = rule.call.name == "depthwise_conv2d"
    stride, padding, algorithm = rule.argument(2, ""), rule.argument(3, ""), rule.argument(4, "")
    groups, dilation = rule.argument(5 if depthwise else 6, ""), rule.argument(6 if depthwise else 5, "")
    if not rule.image(rule.value) or x is None or weight is None or len(rule.shape(weight)) != 4:
        return None
    outputs, per_group, height, width = rule.shape(weight)
    padding = [padding[0], padding[0], padding[1], padding[1]] if len(padding) == 2 else list(padding)
    if rule.argument(7, "") != "NCHW" or algorithm != "EXPLICIT" or height != width or len(padding) != 4:
        return None
    stride, dilation = equal(stride), equal(dilation)
    if stride is None or dilation is None or max(padding) > dilation * (height - 1) or min(padding) < 0:
        return None
    shifted = shifted_source(rule, x) if (height, stride, max(padding), groups) == (1, 2, 0, 1) else None
    if shifted is not None and rule.shape()[2:] == tuple(-(-n // 2) for n in rule.shape(shifted)[2:]):
        # every second pixel, from the second one on
        return Translated(
            (shifted,),
            (weight,),
            lambda b, nodes, t: pointwise(b.graph, nodes[0], outputs, [(b.of(t[0]), outputs, 1, 0)], 2),
        )
    single = groups == 1 and per_group == rule.shape(x)[1] if rule.image(x) else False
    channelwise = rule.image(x) and 1 < groups == rule.shape(x)[1] == outputs and per_group == 1
    if not (single or channelwise):
        return None
    options = (outputs, height, stride, tuple(padding), dilation, groups)
    return Translated((x,), (weight,), lambda b, nodes, t: conv2d(b.graph, nodes[0], b.of(t[0]), *options))


def equal(lengths):
    """Return the one number that all lengths are, None if they differ."""
    return lengths[0] if len(set(lengths)) == 1 else None


def shifted_source(rule, x):
    """Return the images of which x is all but the first row and column, perhaps with zeros behind the last ones."""
    padded = rule.made_by(x, "squeeze")
    if padded and padded.argument(1, "axis") == [2]:
        pad = rule.made_by(padded.ref(0), "pad3d")
        inner = pad and rule.made_by(pad.ref(0), "unsqueeze")
        if not (
            inner and inner.argument(1, "axis") == [2] and pad.call.args[1:4] == ([0, 1, 0, 1, 0, 0], "constant", 0.0)
        ):
            return None
        x = inner.ref(0)
    cut = rule.made_by(x, "slice") or rule.made_by(x, "__getitem__")
    if not cut or not rule.image(cut.ref(0)):
        return None
    _, channels, height, width = rule.shape(cut.ref(0))
    if cut.call.name == "slice":
        kept = {axis: range(length) for axis, length in zip((1, 2, 3), (channels, height, width))}
        axes, starts, ends = cut.call.args[1:4]
        if not all(axis in kept for axis in axes) or not all(type(n) is int for n in (*starts, *ends)):
            return None
        kept.update((axis, kept[axis][start:end]) for axis, start, end in zip(axes, starts, ends))
        ranges = [kept[axis] for axis in (1, 2, 3)]
    else:
        ranges = image_index(cut.argument(1, ""), rule.shape(cut.ref(0))) or []
    if ranges != [range(channels), range(1, height), range(1, width)]:
        return None
    return cut.ref(0)


def image_index(index, shape):
    """Return which channels, rows and columns an index of images takes; None if it does not take all of the images."""
    if not isinstance(index, tuple) or not index or index[0] not in (slice(None), Ellipsis):
        return None
    items = (slice(None), *index[1:]) if index[0] is not Ellipsis else index
    if any(type(item) is int for item in items):
        return None
    found = basic_index(items, (1, *shape[1:]))
    return found[1:] if found and found[0] == range(1) else None


# norms, pooling, ReLU


def norm(rule):
    args = rule.call.args
    if rule.position != 0 or len(args) < 11 or not rule.image(rule.ref(0)):
        return None
    is_test, momentum, epsilon, layout, use_global, always = args[5:11]
    if layout != "NCHW" or not epsilon > 0:
        return None
    own: dict[str, Any] = {} if epsilon == 1e-5 else {"epsilon": float(epsilon)}
    own.update({} if momentum == 0.9 else {"momentum": float(momentum)})
    affine = rule.ref(3) is not None
    if affine != (rule.ref(4) is not None):
        return None
    tensors = tuple(rule.ref(k) for k in ((1, 2, 3, 4) if affine else (1, 2)))
    fixed, call = bool(use_global or (is_test and not always)), rule.call.number

    def emit(builder, nodes, t):
        use = builder.use_of(tensors[0], call) if not fixed else 0
        names = dict(zip(("mean", "variance", "gamma", "beta"), map(builder.of, t)))
        return builder.graph.add(Norm(**names, **own, fixed=fixed, call=use), nodes[0])

    return Translated((rule.ref(0),), tensors, emit)


def pooling(rule):
    x = rule.ref(0)
    if len(rule.call.args) < 11:
        return None
    sizes, strides, paddings, ceil, exclusive, layout, kind, whole, adaptive, algorithm = rule.call.args[1:11]
    if not rule.image(x) or layout != "NCHW":
        return None
    if kind == "avg" and (whole or (adaptive and list(sizes) == [1, 1])):
        return Translated((x,), (), lambda b, nodes, t: pool(b.graph, Mean(), nodes[0]))
    if (
        whole
        or adaptive
        or algorithm != "EXPLICIT"
        or not all(isinstance(s, (list, tuple)) for s in (sizes, strides, paddings))
    ):
        return None
    size, stride, border = equal(sizes), equal(strides), equal(paddings)
    if None in (size, stride, border) or kind not in ("max", "avg") or 2 * border > size:
        return None
    operator = Pool("max" if kind == "max" else "average", size, stride, border, not exclusive, bool(ceil))
    return Translated((x,), (), lambda b, nodes, t: pool(b.graph, operator, nodes[0]))


def mean(rule):
    x, axes = rule.ref(0), rule.argument(1, "axis")
    if not rule.image(x) or not isinstance(axes, (list, tuple)) or sorted(a % 4 for a in axes) != [2, 3]:
        return None
    return Translated((x,), (), lambda b, nodes, t: pool(b.graph, Mean(), nodes[0]))


def rectified(rule):
    if not rule.image(rule.ref(0)):
        return None
    return Translated((rule.ref(0),), (), lambda b, nodes, t: relu(b.graph, nodes[0]))


# sums and products


def zeros(rule):
    x, fill = rule.ref(0), rule.argument(1, "value")
    if not rule.image(x) or rule.shape(x) != rule.shape() or fill != 0 or not rule.image(rule.value):
        return None
    return Translated((x,), (), lambda b, nodes, t: b.graph.add(Zeros(), nodes[0]), connected=False)


PRODUCTS = "multiply", "scale", "__mul__", "__rmul__"
SUMS = "add", "add_n", "__add__", "__radd__"


def product(rule):
    """Return a product of images and one number as a sum of one term."""
    terms = terms_of(rule)
    return terms and weighted_sum(terms)


def terms_of(rule):
    """Return [(factor, images)] if the rule's value is such a product; a factor is (value, place), or a `Number`."""
    if rule.call.name == "scale":
        x, factor, shift = rule.ref(0), rule.argument(1, "scale", 1.0), rule.argument(2, "bias", 0.0)
        plain = type(factor) in (int, float) and shift == 0
        return [(Number(float(factor)), x)] if rule.image(x) and plain else None
    a, b = rule.argument(0, "x"), rule.argument(1, "y")
    for factor, x in ((a, b), (b, a)):
        if not isinstance(x, Ref) or not rule.image(x.value) or rule.shape(x.value) != rule.shape():
            continue
        if type(factor) in (int, float):
            return [(Number(float(factor)), x.value)]
        if isinstance(factor, Ref):
            source = source_of_number(rule.tape, factor.value)
            same_type = rule.tape.values[factor.value].dtype == rule.tape.values[x.value].dtype
            if source is not None and same_type:
                return [(source, x.value)]
            if is_mask(rule.tape, factor.value) and same_type:
                return [((factor.value, -1), x.value)]
    return None


def is_mask(tape, value) -> bool:
    """Return whether a value is one number for each image, and depends on no parameter and no input."""
    if tape.values[value].shape != (BATCH, 1, 1, 1):
        return False
    left = [value]
    while left:
        found = tape.values[left.pop()]
        if found.call < 0:
            return False
        left += tape.calls[found.call].inputs()
    return True


def summed(rule):
    """Return a sum of images of one shape; products with numbers are terms of it."""
    if rule.call.name != "add_n":
        a, b = rule.ref(0, "x"), rule.ref(1, "y")
        biased = bias(rule, a, b) if a is not None and b is not None else None
        if biased is not None:
            return biased
    terms = terms_of_sum(rule)
    return terms and weighted_sum(terms)


def terms_of_sum(rule):
    """Return [(factor, images)] of a sum of images, None if it is another one."""
    parts = rule.argument(0, "inputs") if rule.call.name == "add_n" else [rule.argument(0, "x"), rule.argument(1, "y")]
    if not isinstance(parts, (list, tuple)):
        return None
    values = [part.value for part in parts if isinstance(part, Ref)]
    if any(type(part) not in (int, float) or part != 0 for part in parts if not isinstance(part, Ref)):
        return None
    if not values or not all(rule.image(v) and rule.shape(v) == rule.shape() for v in values):
        return None
    return [term for value in values for term in expand(rule, value)]


def difference(rule):
    """Return images minus images of the same shape."""
    a, b = rule.ref(0, "x"), rule.ref(1, "y")
    if a is None or b is None or not all(rule.image(v) and rule.shape(v) == rule.shape() for v in (a, b)):
        return None
    return weighted_sum([*expand(rule, a), (Number(-1.0), b)])


def expand(rule, value):
    """Return the terms of a value of a sum."""
    for name in PRODUCTS:
        made = rule.made_by(value, name)
        found = made and terms_of(made)
        if found:
            return found
    for name in SUMS if rule.tape.uses[value] == 1 else ():
        made = rule.made_by(value, name)
        found = made and rule.image(value) and terms_of_sum(made)
        if found:
            return found
    return [(None, value)]


def weighted_sum(terms):
    """Return the sum of (factor, images)."""
    terms = [(None if factor == Number(1.0) else factor, x) for factor, x in terms]
    tensors = tuple(f if isinstance(f, Number) else f[0] for f, _ in terms if f is not None)
    places = [0 if isinstance(f, Number) else f[1] for f, _ in terms if f is not None]
    given = [f is not None for f, _ in terms]

    def emit(builder, nodes, t):
        if len(nodes) == 1 and not given[0]:
            return nodes[0]
        if all(f == Number(0.0) for f, _ in terms):
            return builder.graph.add(Zeros(), nodes[0])
        numbers = iter(zip(t, places))
        factors: list[Any] = []
        for has in given:
            if not has:
                factors.append(None)
                continue
            tensor, place = next(numbers)
            factors.append(builder.of(tensor, max(place, 0), per_image=int(place < 0)))
        return builder.graph.add(Sum(tuple(factors)), *nodes)

    return Translated(tuple(x for _, x in terms), tensors, emit)


def bias(rule, a, b):
    """Return images and one number for each channel, added; None if it is not such a sum."""
    for x, vector in ((a, b), (b, a)):
        if not rule.image(x) or rule.image(vector) or rule.shape(x) != rule.shape():
            continue
        channels, lengths = rule.shape(x)[1], rule.shape(vector)
        if (
            lengths in ((1, channels, 1, 1), (channels, 1, 1))
            and rule.tape.values[vector].dtype == rule.tape.values[x].dtype
        ):
            return Translated((x,), (vector,), lambda b, nodes, t: b.graph.add(Bias(b.of(t[0])), nodes[0]))
    return None


# channels


def concatenated(rule):
    parts, axis = rule.argument(0, "x"), rule.argument(1, "axis", 0)
    if type(axis) is not int or axis % 4 != 1 or not isinstance(parts, (list, tuple)):
        return None
    values = [part.value for part in parts]
    if not rule.image(rule.value) or not all(map(rule.image, values)):
        return None
    return Translated(tuple(values), (), lambda b, nodes, t: concat(b.graph, list(nodes)))


def sliced(rule):
    """Return some channels, one behind the other, of images."""
    x = rule.ref(0)
    if not rule.image(x) or not rule.image(rule.value):
        return None
    _, channels, height, width = rule.shape(x)
    if rule.call.name == "slice":
        axes, starts, ends = rule.call.args[1:4]
        if list(axes) != [1] or rule.argument(5, "") or not all(type(n) is int for n in (*starts, *ends)):
            return None
        ranges = [range(channels)[starts[0] : ends[0]], range(height), range(width)]
    else:
        ranges = image_index(rule.argument(1, ""), rule.shape(x))
    if not ranges:
        return None
    stride = ranges[1].step
    if stride > 1 and ranges == [range(channels), range(0, height, stride), range(0, width, stride)]:
        # windows of one pixel, of which some are left out
        operator = Pool("average", 1, stride, 0)
        return Translated((x,), (), lambda b, nodes, t: pool(b.graph, operator, nodes[0]))
    if ranges[1:] != [range(height), range(width)] or ranges[0].step != 1:
        return None
    first, count = ranges[0].start, len(ranges[0])
    return Translated((x,), (), lambda b, nodes, t: slice_channels(b.graph, nodes[0], first, count))


def split(rule):
    x, axis = rule.ref(0), rule.argument(2, "axis")
    if not rule.image(x) or not all(rule.image(v) for v in rule.call.results) or axis not in (1, -3):
        return None
    counts = [rule.shape(v)[1] for v in rule.call.results]
    first = sum(counts[: rule.position])
    return Translated((x,), (), lambda b, nodes, t: slice_channels(b.graph, nodes[0], first, counts[rule.position]))


def reshaped(rule):
    """Return channels in another order: a reshape to groups, a transposition and a reshape back; or the same value."""
    x = rule.ref(0)
    if not rule.image(rule.value):
        return None
    if rule.image(x) and rule.shape(x) == rule.shape():
        return Translated((x,), (), lambda b, nodes, t: nodes[0])
    turned = rule.made_by(x, "transpose")
    grouped = turned and rule.made_by(turned.ref(0), "reshape")
    if not grouped or list(turned.argument(1, "perm")) != [0, 2, 1, 3, 4] or not rule.image(grouped.ref(0)):
        return None
    source, middle = grouped.ref(0), grouped.shape()
    if len(middle) != 5 or middle[0] != BATCH or middle[3:] != rule.shape()[2:] or rule.shape(source) != rule.shape():
        return None
    groups, each = middle[1:3]

    def emit(builder, nodes, t):
        graph, node = builder.graph, builder.graph.nodes[nodes[0]]
        if isinstance(node.operator, Concat) and [graph.channels[part] for part in node.inputs] == [each] * groups:
            return shuffle(graph, [(part, 0) for part in node.inputs], each)
        blocks = tuple(Block(0, each, k * each, 1, k, groups) for k in range(groups))
        return graph.add(Gather(groups * each, blocks), nodes[0])

    return Translated((source,), (), emit)


def unchanged(rule):
    x = rule.ref(0)
    same = (
        rule.image(x)
        and rule.shape(x) == rule.shape()
        and rule.tape.values[x].dtype == rule.tape.values[rule.value].dtype
    )
    return Translated((x,), (), lambda b, nodes, t: nodes[0]) if same else None


RULES: dict[str, Callable] = {
    "conv2d": convolution,
    "depthwise_conv2d": convolution,
    "batch_norm": norm,
    "batch_norm_": norm,
    "pool2d": pooling,
    "mean": mean,
    "relu": rectified,
    "full_like": zeros,
    "multiply": product,
    "__mul__": product,
    "__rmul__": product,
    "scale": product,
    "add": summed,
    "__add__": summed,
    "__radd__": summed,
    "add_n": summed,
    "subtract": difference,
    "__sub__": difference,
    "concat": concatenated,
    "slice": sliced,
    "__getitem__": sliced,
    "split": split,
    "split_with_num": split,
    "reshape": reshaped,
    "assign": unchanged,
    "clone": unchanged,
    "cast": unchanged,
    "contiguous": unchanged,
    "_tensor_use_gpudnn": unchanged,
}
