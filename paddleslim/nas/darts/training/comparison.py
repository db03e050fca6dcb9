"""Whether a compiled pass gives what the layer itself gives: values, and gradients of weights, alphas and images."""

from __future__ import annotations

import numpy as np
import paddle

from .recorded_pass import BATCHES, shorten, substitute, tensors_of

__all__ = ["compare_arrays", "compare_gradients"]

TOLERANCE = {"float32": 1e-3, "float64": 1e-9}  # of results, whose norms may have few numbers
OF_GRADIENTS = {"float32": 1e-2, "float64": 1e-5}  # Paddle averages pools in single precision on the way back
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

    Of a fixed sum of the outputs, in all that has gradients: weights, alphas and inputs. What a rounding error in the
    inputs changes ten times over is no difference: norms of few numbers make much of it.

    Args:
        recording: a `RecordedPass`.
        args, kwargs: what the layer is called with.
        before: a `PassState` of the layer, from which each pass begins.
    """
    few = shorten(args, kwargs, BATCHES[1])
    leaves = [tensor for tensor in recording.guard.tensors if not tensor.stop_gradient and is_float(tensor)]
    names = {id(p): f"`{name}`" for name, p in recording.layer.named_parameters()}

    def gradients(function, shift=0.0):
        before.restore()
        call = substitute(few, lambda tensor: moved(tensor, shift))
        inputs = [tensor for tensor in tensors_of(call) if not tensor.stop_gradient]
        outputs = [t for t in tensors_of(function(*call)) if not t.stop_gradient and is_float(t)]
        if not outputs or not (inputs or leaves):
            return []
        weights = [weights_for(tensor) for tensor in outputs]
        found = paddle.grad(outputs, leaves + inputs, weights, allow_unused=True)
        return [None if g is None else np.array(paddle.Tensor.numpy(g)) for g in found]

    ours = gradients(recording.run)
    theirs = gradients(lambda args, kwargs: recording.function(recording.layer, *args, **kwargs))
    if len(ours) != len(theirs):
        return "in which outputs have gradients"
    shifted = None
    largest = max((np.abs(g).max(initial=0.0) for g in theirs if g is not None), default=0.0)
    for k, (a, b) in enumerate(zip(ours, theirs)):
        name = names.get(id(leaves[k]), "a tensor of the network") if k < len(leaves) else "an input"
        if (a is None) != (b is None):
            return f"in that the gradient of {name} is {'missing' if a is None else 'there'}"
        if a is None:
            continue
        kind = b.dtype.name
        limit = OF_GRADIENTS[kind] * max(np.abs(b).max(initial=0.0), SMALL * largest)
        if not np.abs(a - b).max(initial=0.0) > limit:
            continue
        if shifted is None:
            function = lambda args, kwargs: recording.function(recording.layer, *args, **kwargs)  # noqa: E731
            shifted = gradients(function, SHIFT[kind])
        noise = 10 * np.abs(shifted[k] - b).max(initial=0.0)
        if np.abs(a - b).max(initial=0.0) > limit + noise:
            return f"by {np.abs(a - b).max():.2g} in the gradient of {name}, which is at most {np.abs(b).max():.2g}"
    return None


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
