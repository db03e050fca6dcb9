"""Compiling networks that somebody wrote operator by operator: when, with which check, and what is said about it."""

from __future__ import annotations

import contextlib
import functools
import sys
import time

import numpy as np
import paddle

from ....kernels.choice import installed, recorders
from ..data.batch import list_tensors
from ..state.random_states import read_random_states
from ..state.snapshots import PassState, undisturbed
from .log import logger

__all__ = ["Compiling"]

LARGE = 10_000_000  # layers times numbers of a batch, from which on compiling pays
MOST_RECORDINGS = 16  # of one network
LEAST_OPERATORS, LEAST_IN_ONE = 20, 10  # that the compiler runs, in all and in one program on average
BATCHES = 2, 3  # images in the two recorded passes
METHODS = "forward", "forward_twice"
TOLERANCE = {"float32": 1e-3, "float64": 1e-9}  # of the first step, whose norms may have few numbers


class Compiling:
    """Runs the forward passes of a network compiled, where that gives the same and pays.

    Args:
        network: a layer.
        mode: 'auto' for large ones, 'on' or 'off'.
        device: where the network is.
        log: function of one sentence.
    """

    def __init__(self, network, mode, device, log=logger.info):
        self.network, self.log = network, log
        self.reason = None  # why nothing is compiled
        own = type(network).__module__.startswith("paddleslim.")
        self.off = mode == "off" or own or device != "cpu" or not installed()
        self.large = 0 if mode == "on" else LARGE
        self.recordings: list[Recording] = []
        self.depth = 0
        self.comparing = False

    @contextlib.contextmanager
    def active(self):
        """Inside, the network's forward passes are compiled; may be entered again."""
        kind = type(self.network)
        names = [name for name in METHODS if hasattr(kind, name) and name not in vars(self.network)]
        if self.off or self.depth or not names:
            yield
            return
        before = {name: vars(kind).get(name) for name in names}
        for name in names:
            setattr(kind, name, self.replacement(getattr(kind, name)))
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            for name, function in before.items():
                if function is None:
                    delattr(kind, name)
                else:
                    setattr(kind, name, function)

    def replacement(self, function):
        """Return a forward method that runs compiled for the network, and as it was written for others."""

        @functools.wraps(function)
        def forward(layer, *args, **kwargs):
            if layer is not self.network or self.off or recorders or self.comparing:
                return function(layer, *args, **kwargs)
            found = self.find(function, args, kwargs)
            return function(layer, *args, **kwargs) if found is None else self.run(found, args, kwargs)

        return forward

    def find(self, function, args, kwargs):
        """Return the recording for such a call, None if the network has to run as it was written."""
        inputs = list_tensors((args, kwargs))
        if not all(isinstance(part, paddle.Tensor) for part in inputs) or not inputs:
            return None
        key = (function.__name__, tuple((tuple(t.shape[1:]), str(t.dtype), t.ndim) for t in inputs))
        broken = None
        for recording in self.recordings:
            if recording.key == key:
                broken = recording.guard.broken()
                if broken is None:
                    return recording
        return self.record(function, args, kwargs, inputs, key, broken)

    def record(self, function, args, kwargs, inputs, key, broken):
        """Return a new recording, None if there can be none; the reason is logged."""
        from ....kernels.capture.tape import NotCapturable

        batch = inputs[0].shape[0] if inputs[0].ndim else 0
        layers = len(self.network.sublayers())
        if layers * sum(int(np.prod(tensor.shape)) for tensor in inputs) < self.large:
            return None
        start = time.perf_counter()
        try:
            if len(self.recordings) >= MOST_RECORDINGS:
                raise NotCapturable(f"{broken or 'an input'} changes again and again")
            with undisturbed(self.network):
                recording = Recording(self.network, function, args, kwargs, inputs, key)
        except NotCapturable as reason:
            return self.give_up(reason)
        except Exception as error:
            return self.give_up(f"{type(error).__name__} on {BATCHES[0]} of {batch} images: {error}")
        self.recordings.insert(0, recording)
        recording.seconds = time.perf_counter() - start
        return recording

    def give_up(self, reason):
        """Run as written from now on; say why."""
        self.off, self.reason = True, str(reason)
        self.recordings.clear()
        self.log(f"{type(self.network).__name__} runs operator by operator, not compiled: {self.reason}")

    def run(self, recording, args, kwargs):
        """Return what the network returns; the first result for a batch size is compared with the network's own."""
        batch = list_tensors((args, kwargs))[0].shape[0]
        if batch in recording.checked:
            return recording.run(args, kwargs)
        before, start = PassState(self.network), time.perf_counter()
        try:
            result = recording.run(args, kwargs)
            recording.seconds += time.perf_counter() - start
            difference = self.compare(recording, result, before, args, kwargs)
        except Exception as error:
            difference = f"{type(error).__name__}: {error}"
        if difference is not None:
            before.restore()
            self.give_up(f"its first step differs from the network's, {difference}")
            return recording.function(self.network, *args, **kwargs)
        if not recording.checked:
            self.log(f"compiled in {recording.seconds:.1f} s: {recording.describe()}")
        recording.checked.add(batch)
        return result

    def compare(self, recording, result, before, args, kwargs):
        """Return how a result and the statistics differ from the network's own, None if they are the same.

        Args:
            recording: what gave the result.
            result: of the compiled pass.
            before: the `PassState` before it; afterwards all is as the compiled pass left it.
            args, kwargs: what the network is called with.
        """
        after, ours = PassState(self.network), recording.values(result)
        before.restore()
        self.comparing = True
        try:
            with paddle.no_grad():
                theirs = recording.values(recording.function(self.network, *args, **kwargs))
        finally:
            self.comparing = False
            after.restore()
        differences = (compare_arrays(a, b) for a, b in zip(ours, theirs))
        return next((difference for difference in differences if difference is not None), None)


class Recording:
    """A forward pass for inputs of some sizes, as a plan.

    Args:
        network: the layer.
        function: its method.
        args, kwargs: what it is called with.
        inputs: the tensors among them.
        key: what distinguishes this call from others.

    Raises:
        NotCapturable: it cannot be recorded, or the compiler knows too little of it.
    """

    def __init__(self, network, function, args, kwargs, inputs, key):
        from ....kernels.capture.guard import Guard
        from ....kernels.capture.plan import make_plan
        from ....kernels.capture.recording import Recorder
        from ....kernels.capture.tape import NotCapturable, merge

        self.network, self.function, self.key = network, function, key
        self.checked: set[int] = set()  # batch sizes of which a result was compared
        self.seconds = 0.0  # that recording and compiling have taken
        hooked = [layer for layer in network.sublayers() if layer._forward_pre_hooks or layer._forward_post_hooks]
        if hooked:
            raise NotCapturable(f"its layer {type(hooked[0]).__name__} has hooks")
        tapes = []
        for batch in BATCHES:
            guard = Guard(network)
            few = [shorten(tensor, batch, inputs[0].shape[0]) for tensor in inputs]
            tensors = iter(few)
            call = substitute((args, kwargs), lambda _, tensors=tensors: next(tensors))
            random = read_random_states()[1:]
            tapes.append(Recorder(guard.tensors, few).run(function, network, *call[0], **call[1]))
            if not same_states(random, read_random_states()[1:]):
                raise NotCapturable("it draws from the generator of numpy or Python")
        broken = guard.broken()
        if broken is not None:
            raise NotCapturable(f"it changes {broken}")
        self.guard = guard
        self.plan = make_plan(merge(tapes[0], tapes[1], BATCHES))
        if self.plan.compiled < max(LEAST_OPERATORS, LEAST_IN_ONE * len(self.plan.segments)):
            raise NotCapturable(f"the compiler knows {self.plan.compiled} of its {len(self.plan.tape.calls)} operators")

    def run(self, args, kwargs):
        """Return what the network returns."""
        from ....kernels.capture.running import run_plan

        inputs = list_tensors((args, kwargs))
        result = run_plan(self.plan, inputs)
        fluid = sys.modules.get("paddleslim.fluid._variable")
        if fluid is not None and type(inputs[0]) is fluid.Variable:
            return substitute(result, fluid.as_variable)
        return result

    def values(self, result):
        """Return a result, and all that a pass may move, as arrays."""
        tensors = [*list_tensors(result), *(tensor for tensor in self.guard.tensors if tensor.stop_gradient)]
        return [np.array(paddle.Tensor.numpy(tensor)) for tensor in tensors]

    def describe(self):
        """Return which operators are compiled and which are not."""
        plan = self.plan
        rest = sorted({call.name for call in plan.calls})
        programs = f"{len(plan.segments)} program" + "s" * (len(plan.segments) > 1)
        return f"{plan.compiled} operators as {programs}; Paddle computes {', '.join(rest) or 'none'}"


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


def same_states(before, after):
    """Return whether the random states of numpy and Python are the same."""
    return before[1] == after[1] and all(np.array_equal(a, b) for a, b in zip(before[0], after[0]))


def shorten(tensor, batch, present):
    """Return so many of the samples of a tensor, some more than once if there are fewer."""
    if tensor.ndim == 0 or tensor.shape[0] != present:
        return tensor
    numbers = [k % present for k in range(batch)]
    with paddle.no_grad():
        few = paddle.index_select(tensor, paddle.to_tensor(numbers), 0)
    few.stop_gradient = tensor.stop_gradient
    return few


def substitute(structure, change):
    """Return lists, tuples and dictionaries with `change(tensor)` for each tensor."""
    if isinstance(structure, (list, tuple)):
        return type(structure)([substitute(part, change) for part in structure])
    if isinstance(structure, dict):
        return {name: substitute(part, change) for name, part in structure.items()}
    return change(structure) if isinstance(structure, paddle.Tensor) else structure
