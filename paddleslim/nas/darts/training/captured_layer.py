"""A layer whose forward pass is recorded, compared with the layer's own, and run compiled."""

from __future__ import annotations

import time

import numpy as np
import paddle

from ....kernels.buffers import give_back_memory
from ..state.snapshots import PassState, undisturbed
from .comparison import compare_arrays, compare_gradients
from .recorded_pass import RecordedPass, describe_call, tensors_of

__all__ = ["CapturedLayer"]

MOST_RECORDINGS = 16  # of one layer, if it runs few passes between two of them
LEAST_PASSES = 10  # that pay for a recording
KEPT = 8  # recordings
PASSING = (
    "changes ",
    "is kept for later",
    "comes from what is neither",
)  # reasons that may be those of a first call alone


class CapturedLayer:
    """A layer whose forward passes run compiled, as long as they can be recorded.

    Args:
        layer: the layer.
        owner: the `Compiling`; says whether a layer is large enough, and what is done with others.
    """

    def __init__(self, layer, owner):
        self.layer, self.owner = layer, owner
        self.recordings: list[RecordedPass] = []  # the one used last comes first
        self.off = False
        self.reason = None  # why it is off
        self.attempts = self.made = self.passes = 0
        self.seconds = 0.0  # that recording and compiling have taken since that was said
        self.small = False  # whether the last call was of so few numbers that compiling would not pay

    def call(self, function, args, kwargs):
        """Return what a forward method returns, compiled if that is possible."""
        recording = None if self.off else self._find(function, args, kwargs)
        if recording is None:
            return function(self.layer, *args, **kwargs)
        self.passes += 1
        return self._run(recording, args, kwargs)

    def _find(self, function, args, kwargs):
        """Return the recording for such a call, None if the layer has to run as it was written."""
        key = describe_call(function.__name__, args, kwargs)
        if key is None:
            return self.give_up("it is called with what is neither a tensor nor a number nor a text")
        broken = None
        for recording in self.recordings:
            if recording.key == key:
                broken = recording.guard.broken()
                if broken is None:
                    if recording is not self.recordings[0]:
                        self.recordings.remove(recording)
                        self.recordings.insert(0, recording)
                    return recording
        return self._record(function, args, kwargs, key, broken)

    def _record(self, function, args, kwargs, key, broken):
        """Return a new recording, None if there can be none."""
        from ....kernels.capture.tape import NotCapturable

        inputs = tensors_of((args, kwargs))
        numbers = len(self.layer.sublayers()) * sum(int(np.prod(tensor.shape)) for tensor in inputs)
        self.small = numbers < self.owner.large and self is self.owner.root
        if self.small:
            return None
        if self.made >= MOST_RECORDINGS and self.passes < LEAST_PASSES * self.made:
            return self.give_up(f"{broken or 'an input'} changes again and again")
        start = time.perf_counter()
        self.owner.show("recording the network")
        try:
            with undisturbed(self.layer):
                recording = RecordedPass(self.layer, function, args, kwargs, key)
        except NotCapturable as reason:
            self.attempts += 1
            if self.attempts == 1 and self is self.owner.root and any(part in str(reason) for part in PASSING):
                return None  # layers may complete themselves in their first call
            return self.give_up(str(reason), split=reason.in_part)
        except Exception as error:
            return self.give_up(f"{type(error).__name__} on a few of {inputs[0].shape[0]} images: {error}")
        finally:
            give_back_memory()  # all that the layer computes was held
        self.made += 1
        self.recordings.insert(0, recording)
        del self.recordings[KEPT:]
        self.seconds += time.perf_counter() - start
        return recording

    def give_up(self, reason, split=True):
        """Run the layer as it was written from now on; layers in it may run compiled."""
        self.off, self.reason, self.owner.news = True, reason, True
        self.recordings.clear()
        if split:
            self.owner.split(self.layer)

    def _run(self, recording, args, kwargs):
        """Return what the layer returns; the first result for a batch size is compared with the layer's own."""
        batch = tensors_of((args, kwargs))[0].shape[0]
        if batch in recording.checked and (recording.differentiated or not paddle.is_grad_enabled()):
            return recording.run(args, kwargs)
        before, start = PassState(self.layer), time.perf_counter()
        first = not recording.checked
        try:
            result, difference = self._compare(recording, batch, before, args, kwargs, start)
        except Exception as error:
            difference = f"{type(error).__name__}: {error}"
        if difference is not None:
            before.restore()
            self.give_up(f"its first step differs from the network's, {difference}", split=False)
            return recording.function(self.layer, *args, **kwargs)
        recording.checked.add(batch)
        self.owner.news |= first
        return result

    def _compare(self, recording, batch, before, args, kwargs, start):
        """Return the result of a compiled pass, and how it or its gradients differ from the layer's own, or None."""
        owner = self.owner
        if paddle.is_grad_enabled() and not recording.differentiated:
            owner.show("compiling the network")
            recording.differentiated = True
            owner.comparing = True
            try:
                difference = compare_gradients(recording, args, kwargs, before)
            finally:
                owner.comparing = False
                before.restore()
            self.seconds += time.perf_counter() - start
            if difference is not None:
                return None, difference
        owner.show("compiling the network")
        start = time.perf_counter()
        result = recording.run(args, kwargs)
        self.seconds += time.perf_counter() - start
        if batch in recording.checked:
            return result, None
        owner.show("comparing with the network as it was written")
        after, ours = PassState(self.layer), recording.values(result)
        before.restore()
        owner.comparing = True
        try:
            with paddle.no_grad():
                theirs = recording.values(recording.function(self.layer, *args, **kwargs))
        finally:
            owner.comparing = False
            after.restore()
        if len(ours) != len(theirs):
            return result, "in how many tensors it returns"
        differences = (compare_arrays(a, b) for a, b in zip(ours, theirs))
        return result, next((difference for difference in differences if difference is not None), None)
