"""Whether a compiled pass gives what the layer itself gives: values, and gradients of weights, alphas and images."""

from __future__ import annotations

import numpy as np
import paddle

from ....kernels.buffers import give_back_memory
from .recorded_pass import BATCHES, shorten, substitute, tensors_of

__all__ = ["compare_arrays", "compare_gradients"]

TOLERANCE = {"float32": 1e-3, "float64": 1e-9}  # of results, whose norms may have few numbers
OF_GRADIENTS = {"float32": 5e-2, "float64": 1e-5}  # Paddle averages pools in single precision on the way back
SHIFT = {"float32": 1e-6, "float64": 1e-12}  # of the images, about a rounding error
SMALL = 1e-3  # of the largest gradient; what is below it may be rounding alone, as that of a bias before a norm


def compare_arrays(ours, theirs):
    """Return how two arrays differ, None if they are the same but for rounding."""
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"a tensor of {theirs.dtype} {list(theirs.shape)} is one of {ours.dtype} {list(ours.shape)}"
    if theirs.dtype.kind != "f":
        return None if np.array_equal(ours, theirs) else f"in a tensor of {theirs.dtype}"
    if not np.array_equal(np.isfinite(ours), np.isfinite(theirs)):
        return "in where numbers are not finite"
    largest = np.abs(ours - theirs)[np.isfinite(theirs)].max(initial=0.0)
    limit = TOLERANCE[theirs.dtype.name] * max(1.0, np.abs(theirs)[np.isfinite(theirs)].max(initial=0.0))
    return None if largest <= limit else f"by {largest:.2g} in a tensor of shape {list(theirs.shape)}"


def compare_gradients(recording, args, kwargs, before):
    """Return how gradients of a compiled pass of three samples differ from the layer's own, None if they do not.

    Of a fixed sum of the outputs, in all that has gradients: weights, alphas and inputs. A difference counts that is
    there for other inputs, too: where a ReLU or the maximum of a window is decided by a rounding error it is not.

    Args:
        recording: a `RecordedPass`.
        args, kwargs: what the layer is called with.
        before: a `PassState` of the layer, from which each pass begins.
    """
    few = shorten(args, kwargs, BATCHES[1])
    leaves = [tensor for tensor in recording.guard.tensors if not tensor.stop_gradient and is_float(tensor)]
    known = {id(p): f"`{name}`" for name, p in recording.layer.named_parameters()}
    names = [known.get(id(leaf), "a tensor of the network") for leaf in leaves]

    def ours(shift):
        before.restore()
        return gradients(recording.run, few, leaves, shift)

    def theirs(shift):
        before.restore()
        return gradients(lambda a, k: recording.function(recording.layer, *a, **k), few, leaves, shift)

    difference = None
    for shift in (0.0, 0.1):
        difference = compare_at(ours, theirs, shift, names)
        if difference is None:
            break
    return difference


def gradients(function, call, leaves, shift):
    """Return the gradients of a fixed sum of the outputs in the leaves and inputs, as arrays, None where none are."""
    call = substitute(call, lambda tensor: moved(tensor, shift))
    inputs = [tensor for tensor in tensors_of(call) if not tensor.stop_gradient]
    outputs = [t for t in tensors_of(function(*call)) if not t.stop_gradient and is_float(t)]
    if not outputs or not (inputs or leaves):
        return []
    found = paddle.grad(outputs, leaves + inputs, [weights_for(tensor) for tensor in outputs], allow_unused=True)
    arrays = [None if g is None else np.array(paddle.Tensor.numpy(g)) for g in found]
    del call, inputs, outputs, found
    give_back_memory()  # what the layer itself holds for its gradient is more than a step takes compiled
    return arrays


def compare_at(ours, theirs, shift, names):
    """Return how gradients differ at inputs that are moved by `shift`, None if they do not.

    Ten times what a rounding error in the inputs changes is no difference: norms of few numbers make much of it.
    """
    found, expected, noisy = ours(shift), theirs(shift), None
    if len(found) != len(expected):
        return "in which outputs have gradients"
    largest = max((size_of(g) for g in expected if g is not None), default=0.0)
    for k, (a, b) in enumerate(zip(found, expected)):
        name = names[k] if k < len(names) else "an input"
        if (a is None) != (b is None):
            return f"in that the gradient of {name} is {'missing' if a is None else 'there'}"
        if a is None:
            continue
        distance, kind = size_of(a - b), b.dtype.name
        limit = OF_GRADIENTS[kind] * max(size_of(b), SMALL * largest)
        if distance > limit:
            noisy = noisy or theirs(shift + SHIFT[kind])
            if distance > limit + 10 * size_of(noisy[k] - b):
                return f"by {distance / max(size_of(b), 1e-30):.1%} in the gradient of {name}"
    return None


def size_of(array):
    """Return the length of an array as a vector."""
    return float(np.sqrt(np.sum(np.square(array, dtype="float64"))))


def is_float(tensor):
    return tensor.dtype in (paddle.float32, paddle.float64)


def moved(tensor, shift):
    """Return a tensor with no history; floats differ by up to this share of their size."""
    with paddle.no_grad():
        found = tensor * (1.0 + shift * weights_for(tensor)) if shift and is_float(tensor) else paddle.assign(tensor)
    found.stop_gradient = tensor.stop_gradient
    return found


def weights_for(tensor):
    """Return a gradient of a tensor: numbers that differ from each other."""
    numbers = np.cos(np.arange(int(np.prod(tensor.shape)), dtype="float64")).reshape(tensor.shape)
    return paddle.to_tensor(numbers.astype(str(tensor.dtype).rpartition(".")[2]))
