"""Recording a forward pass: for its time, every operator of Paddle notes what it is called with and what it returns.

What is not noted cannot pass unseen: a tensor that comes from anywhere else, values read back into Python, memory
changed in place or gradients switched off end the recording with a reason.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import Any

import paddle
from paddle import _C_ops

from ..choice import recorders
from .tape import Call, NotCapturable, Ref, Tape, Value, replace

__all__ = ["Recorder"]

# Operators of Python on tensors, which do not go through `_C_ops`.
METHODS = (
    *(f"__{side}{name}__" for name in ("add", "sub", "mul", "truediv", "div", "pow", "matmul") for side in ("", "r")),
    "__getitem__", "__neg__", "astype", "clone", "contiguous", "detach", "_tensor_use_gpudnn",
)  # fmt: skip

# Once a class has changed a thousand times, Python 3.13 does not notice that this method of it is another one: there it
# is changed once, to one that reports where there is a recorder.
LASTING = ("__getitem__",) if sys.version_info >= (3, 13) else ()

# What gives the values of a tensor to Python, on which whatever follows might depend.
READING = (
    "numpy", "item", "tolist", "__array__", "__bool__", "__nonzero__", "__float__", "__int__", "__long__", "__index__",
    "_getitem_from_offset",
)  # fmt: skip

# What changes a tensor, or what happens to its gradient.
CHANGING = (
    "__setitem__", "_setitem_dygraph", "set_value", "copy_", "register_hook", "_register_grad_hook", "backward",
    "detach_", "_share_buffer_to", "_clear", "_clear_data", "_copy_gradient_from", "reconstruct_from_", "_set_impl",
)  # fmt: skip

# What makes tensors of as many numbers as the values say, which another batch would make of another size.
SIZED_BY_VALUES = (
    "nonzero", "masked_select", "unique", "unique_consecutive", "where_index", "bincount", "nms", "multiclass_nms3",
    "repeat_interleave_with_tensor_index", "edit_distance", "sequence_mask", "combinations",
)  # fmt: skip

PURE_IN_SPITE_OF_NAME = {"batch_norm_"}  # an underscore at the end means "in place" elsewhere


class Recorder:
    """Records the forward pass of a layer.

    Args:
        leaves: the parameters, buffers and further tensors that the layer holds.
        inputs: the tensors it is called with.
    """

    def __init__(self, leaves, inputs):
        self.values: list[Value] = []
        self.calls: list[Call] = []
        self.inputs = len(inputs)
        self._leaves = {id(tensor): tensor for tensor in leaves}
        self._numbers: dict[int, int] = {}
        self._held: list[tuple[Any, bool, int]] = []  # tensors, whether they had gradients, and their version
        self._depth = 0
        self._thread = threading.get_ident()
        for tensor in inputs:
            self._add(tensor)

    def run(self, function, *args, **kwargs) -> Tape:
        """Return the tape of `function(*args, **kwargs)`.

        Raises:
            NotCapturable: a part of it cannot be recorded.
        """
        with paddle.enable_grad(), patched(self):
            result = function(*args, **kwargs)
        check_result(result)
        outputs = replace(result, lambda part: Ref(self._find(part)) if isinstance(part, paddle.Tensor) else part)
        self._check_views(result)
        self._check_escapes(result)
        return Tape(self.values, self.calls, self.inputs, outputs)

    # what the patches call

    def operator(self, name, function, args, kwargs):
        """Call an operator and note it; those that it calls itself are not noted."""
        if self._depth or threading.get_ident() != self._thread:
            return function(*args, **kwargs)
        if not paddle.is_grad_enabled():
            raise NotCapturable("a part of it runs under no_grad")
        if name.startswith("sync_batch_norm"):
            raise NotCapturable("its norms exchange statistics with other ranks")
        if name.endswith("_") and not name.startswith("__") and name not in PURE_IN_SPITE_OF_NAME:
            raise NotCapturable(f"`{name}` changes a tensor in place")
        if name in SIZED_BY_VALUES or (name == "__getitem__" and has_mask(args[1])):
            raise NotCapturable(f"`{name}` makes a tensor whose size depends on values")
        noted = replace((args, kwargs), lambda p: Ref(self._find(p)) if isinstance(p, paddle.Tensor) else p)
        self._depth += 1
        try:
            result = function(*args, **kwargs)
        finally:
            self._depth -= 1
        made = [result] if isinstance(result, paddle.Tensor) else result
        if not isinstance(made, (list, tuple)) or not all(isinstance(t, (paddle.Tensor, type(None))) for t in made):
            raise NotCapturable(f"`{name}` returns what is no tensor")
        known = {id(part) for part in args if isinstance(part, paddle.Tensor)}
        if len(made) == 1 and id(made[0]) in known:  # the operator has left its input as it is
            return result
        # statistics that a norm has moved stay what they are: tensors of the network
        if "batch_norm" not in name and any(id(tensor) in known for tensor in made):
            raise NotCapturable(f"`{name}` changes a tensor that it is given")
        kept = [None if tensor is None or id(tensor) in known else tensor for tensor in made]
        number = len(self.calls)
        inputs = [part for part in flatten((args, kwargs)) if isinstance(part, paddle.Tensor)]
        differentiated = any(not tensor.stop_gradient for tensor in inputs)
        results = tuple(
            -1 if t is None else self._add(t, call=number, position=k, cut=cuts(name, t, differentiated))
            for k, t in enumerate(kept)
        )
        self.calls.append(Call(number, name, function, noted[0], noted[1], results))
        return result

    def alias(self, tensor, source) -> None:
        """Note that one tensor is from now on what another is."""
        if not self._depth and threading.get_ident() == self._thread:
            self._numbers[id(tensor)] = self._find(source)
            self._hold(tensor)

    def refuse(self, reason) -> None:
        """End the recording, unless an operator itself does what is not allowed, or another thread."""
        if not self._depth and threading.get_ident() == self._thread:
            raise NotCapturable(reason)

    # tensors

    def _add(self, tensor, leaf=None, call=-1, position=0, cut=False) -> int:
        number = self._numbers[id(tensor)] = len(self.values)
        self.values.append(Value(tuple(paddle.Tensor.shape.__get__(tensor)), tensor.dtype, leaf, call, position, cut))
        self._hold(tensor)
        return number

    def _hold(self, tensor) -> None:
        self._held.append((tensor, tensor.stop_gradient, tensor.inplace_version))
        self._states = getattr(self, "_states", {})
        self._states[id(tensor)] = self._held[-1][1:]

    def _find(self, tensor) -> int:
        """Return the number of a tensor's value."""
        number = self._numbers.get(id(tensor))
        if number is None:
            leaf = self._leaves.get(id(tensor))
            if leaf is None:
                raise NotCapturable(
                    f"a tensor of shape {list(tensor.shape)} comes from what is neither an operator nor the "
                    "network's own"
                )
            return self._add(leaf, leaf)
        if self.values[number].leaf is None and self._states[id(tensor)] != (
            tensor.stop_gradient,
            tensor.inplace_version,
        ):
            raise NotCapturable(f"a tensor of shape {list(tensor.shape)} is changed after it was made")
        return number

    def _check_views(self, result) -> None:
        """Raise if a result is on the memory of a tensor that others hold: a change in place would be one of both."""
        found = {id(part): part for part in flatten(result) if isinstance(part, paddle.Tensor)}
        outputs = list(found.values())
        held = [*outputs, *self._leaves.values(), *(tensor for tensor, *_ in self._held[: self.inputs])]
        for output in outputs:
            if any(other is not output and is_shared(output, other) for other in held):
                raise NotCapturable(
                    f"it returns a view of shape {list(output.shape)} of its input, of its own tensors or of its result"
                )

    def _check_escapes(self, result) -> None:
        """Raise if somebody holds an intermediate result."""
        returned: set[int] = set()
        replace(result, lambda part: returned.add(id(part)))
        self._states = {}
        while self._held:
            tensor = self._held.pop()[0]
            number = self._numbers[id(tensor)]
            if sys.getrefcount(tensor) > 2 and self.values[number].call >= 0 and id(tensor) not in returned:
                raise NotCapturable(
                    f"a tensor of shape {list(tensor.shape)} that it computes is kept for later, outside of its result"
                )


def check_result(result):
    """Raise a NotCapturable unless a result is a tensor, or a list or tuple of tensors and plain values."""
    if type(result) in (list, tuple):
        for part in result:
            if not isinstance(part, (int, float, str, type(None))):
                check_result(part)
    elif not isinstance(result, paddle.Tensor):
        raise NotCapturable(f"it returns {type(result).__name__}, not tensors")


def is_shared(one, other) -> bool:
    """Return whether two tensors are on the same memory."""
    return one._is_initialized() and other._is_initialized() and one._is_shared_buffer_with(other)


def cuts(name, result, differentiated) -> bool:
    """Return whether no gradient flows from a result to what it was made of, some of which has gradients or not."""
    whole = result.dtype not in (paddle.float16, paddle.bfloat16, paddle.float32, paddle.float64)
    return name == "detach" or whole or (differentiated and result.stop_gradient)


def flatten(structure) -> list:
    """Return all parts of a structure."""
    found: list = []
    replace(structure, found.append)
    return found


def has_mask(index) -> bool:
    """Return whether an index takes the places where something is true."""
    parts = [part for part in flatten(index) if hasattr(part, "dtype")]
    return any(str(part.dtype).rpartition(".")[2] == "bool" for part in parts)


@contextlib.contextmanager
def patched(recorder):
    """Let operators report to a recorder."""
    tensor = paddle.Tensor
    changes: list[tuple[Any, str, Any, Any]] = []  # where, name, new, old
    operators = {}
    for name, function in vars(_C_ops).items():
        if callable(function) and not name.startswith("__"):
            operators[id(function)] = reporting(recorder, name, function)
    for module in list(sys.modules.values()):
        places = getattr(module, "__dict__", None)
        if places and module is not sys.modules["paddle.base.libpaddle"]:
            changes += [(module, n, operators[id(v)], v) for n, v in list(places.items()) if id(v) in operators]
    classes = [tensor, *(c for c in subclasses(tensor))]
    for owner in classes:
        for name in METHODS:
            if owner is tensor and name in vars(owner) and name not in LASTING:
                changes.append((owner, name, reporting(recorder, name, vars(owner)[name]), vars(owner)[name]))
        for names, verb in ((READING, "reads the values of a tensor"), (CHANGING, "changes a tensor")):
            for name in names:
                if name in vars(owner):
                    old = vars(owner)[name]
                    changes.append((owner, name, refusing(recorder, f"it {verb} (`Tensor.{name}`)", old), old))
    assign = vars(tensor)["_inplace_assign"]
    changes.append((tensor, "_inplace_assign", aliasing(recorder, assign), assign))
    changes.append((paddle.autograd.PyLayer, "apply", refusing(recorder, "it uses a PyLayer", None), None))
    install_lasting()
    recorders.append(recorder)
    try:
        for owner, name, new, _ in changes:
            setattr(owner, name, new)
        yield
    finally:
        for owner, name, _, old in reversed(changes):
            if old is None:
                delattr(owner, name)
            else:
                setattr(owner, name, old)
        recorders.pop()


def subclasses(kind):
    """Yield all classes derived from one."""
    for derived in kind.__subclasses__():
        yield derived
        yield from subclasses(derived)


def reporting(recorder, name, function):
    """Return an operator that reports to a recorder."""

    def call(*args, **kwargs):
        return recorder.operator(name, function, args, kwargs)

    return call


@functools.cache
def install_lasting() -> None:
    """Change the methods that stay changed."""
    for name in LASTING:
        setattr(paddle.Tensor, name, reporting_where_recorded(name, vars(paddle.Tensor)[name]))


def reporting_where_recorded(name, function):
    """Return an operator that reports to the recorder, if there is one."""

    def call(*args, **kwargs):
        return recorders[-1].operator(name, function, args, kwargs) if recorders else function(*args, **kwargs)

    return call


def refusing(recorder, reason, function):
    """Return a method that ends the recording."""

    def call(*args, **kwargs):
        recorder.refuse(reason)
        return function(*args, **kwargs)

    return call


def aliasing(recorder, assign):
    """Return the method that makes one tensor what another is, reporting to a recorder."""

    def call(self, source):
        result = assign(self, source)
        recorder.alias(self, source)
        return result

    return call
