"""Compiling networks that somebody wrote operator by operator: of which layers, and what is said about it."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from typing import Any

import paddle

from ....kernels.capture.running import second_derivatives
from ....kernels.choice import installed, recorders
from ..state.snapshots import PassState
from ..state.statistics import Statistics
from .captured_layer import CapturedLayer
from .log import logger

__all__ = ["Compiling"]

LARGE = 10_000_000  # layers times numbers of a batch, from which on compiling pays
MOST_LAYERS = 200  # that are tried one by one where the whole network cannot be recorded
MOST_LINES = 4  # of what was compiled
METHODS = "forward", "forward_twice"


class Compiling:
    """Runs the forward passes of a network compiled, where that gives the same and pays.

    Where the network as a whole cannot be recorded, the layers in it are, each by itself.

    Args:
        network: a layer.
        mode: 'auto' for large ones, 'on' or 'off'.
        device: where the network is.
        log: function of one sentence.
        show: function of a few words, called before each part of the work.
    """

    def __init__(self, network, mode, device, log=logger.info, show=lambda what: None):
        self.network, self.log, self.show = network, log, show
        own = type(network).__module__.startswith("paddleslim.")
        self.off = mode == "off" or own or device != "cpu" or not installed()
        self.large = 0 if mode == "on" else LARGE
        self.root = CapturedLayer(network, self)
        self.layers = {id(network): self.root}  # tried so far, by the number of the layer itself
        self.depth = self.lines = 0
        self.comparing = self.news = False
        self._statistics: Statistics | None = None  # found when they are needed
        self._patches: dict = {}  # (class, name): what was there, None if it was inherited

    @property
    def recordings(self):
        """All recordings that are in use."""
        return [recording for layer in self.layers.values() for recording in layer.recordings]

    @property
    def reason(self):
        """Why the network as a whole is not compiled, None if it is."""
        return self.root.reason

    @contextlib.contextmanager
    def active(self):
        """Inside, the network's forward passes are compiled; may be entered again."""
        own = [name for name in METHODS if name in vars(self.network)]
        if own and not self.off and not self.depth:
            self.root.give_up(f"its `{own[0]}` is an attribute of the object, not a method of its class", split=False)
            self._report()
        if self.off or self.depth:
            yield
            return
        self.depth += 1
        try:
            for captured in self.layers.values():
                self._patch(captured.layer)
            self._replace(type(self.network), "_loss", self._loss)
            yield
        finally:
            self.depth -= 1
            for (kind, name), before in self._patches.items():
                if before is None:
                    delattr(kind, name)
                else:
                    setattr(kind, name, before)
            self._patches.clear()

    def _patch(self, layer):
        """Let the forward methods of a layer's class run compiled for the layers that were chosen."""
        for name in METHODS:
            if name not in vars(layer):
                self._replace(type(layer), name, self._forward)

    def _replace(self, kind, name, make):
        if callable(getattr(kind, name, None)) and (kind, name) not in self._patches:
            function = getattr(kind, name)
            function = getattr(function, "stands_for", function)  # that of a class this one is derived from
            method: Any = functools.wraps(function)(make(kind, function))
            method.stands_for = function
            self._patches[kind, name] = vars(kind).get(name)
            setattr(kind, name, method)

    def _forward(self, kind, function):
        """Return a forward method that runs compiled for the layers that were chosen, and as written for others."""

        def forward(layer, *args, **kwargs):
            captured = self.layers.get(id(layer))
            if captured is None or type(layer) is not kind or self.off or recorders or self.comparing:
                return function(layer, *args, **kwargs)
            result = captured.call(function, args, kwargs)
            if captured is self.root and self.news:
                self._report()
            return result

        return forward

    def _loss(self, kind, function):
        """Return a method `_loss` that may differentiate the network twice."""

        def loss(layer, *args, **kwargs):
            if layer is not self.network or type(layer) is not kind:
                return function(layer, *args, **kwargs)
            return self.recovered(lambda: function(layer, *args, **kwargs))

        return loss

    def recovered(self, function):
        """Return `function()`; where it differentiates a gradient of the network, it is called anew, not compiled."""
        if self.off or not self.depth or not paddle.is_grad_enabled() or self.root.small:
            return function()
        self._statistics = self._statistics or Statistics(self.network)
        before = PassState(self.network, self._statistics)
        with second_derivatives() as found:
            result = function()
        if not found:
            return result
        before.restore()
        self.off, self.root.reason = True, "its gradient is differentiated again (create_graph=True)"
        for captured in self.layers.values():
            captured.recordings.clear()
        self._report()
        return function()

    # layers in the network

    def split(self, layer):
        """Try the layers in one that cannot be recorded, each by itself, from their next call on."""
        self.news = True
        for child in called_children(layer):
            known = id(child) in self.layers or any(name in vars(child) for name in METHODS)
            if not known and len(self.layers) < MOST_LAYERS and next(child.children(), None) is not None:
                self.layers[id(child)] = CapturedLayer(child, self)
                if self.depth:
                    self._patch(child)

    def _report(self):
        """Say what runs compiled and what does not, and why."""
        self.news = False
        name, compiled = type(self.network).__name__, [c for c in self.layers.values() if c.recordings]
        if not compiled:
            self.off = True
            self.log(f"{name} runs operator by operator, not compiled: {self.reason}")
            return
        self.lines += 1
        if self.lines > MOST_LINES:
            return
        seconds = sum(captured.seconds for captured in self.layers.values())
        for captured in self.layers.values():
            captured.seconds = 0.0
        if self.root.recordings:
            what = self.root.recordings[0].describe()
        else:
            counted = Counter(type(captured.layer).__name__ for captured in compiled)
            layers = ", ".join(f"{count} x {kind}" for kind, count in counted.items())
            what = f"{layers}; the rest of {name} runs operator by operator: {self.reason}"
        self.log(f"compiled in {seconds:.1f} s: {what}")


def called_children(layer):
    """Yield the layers in one, those of a list of layers in its place."""
    for child in layer.children():
        if isinstance(child, (paddle.nn.LayerList, paddle.nn.LayerDict)):
            yield from called_children(child)
        else:
            yield child
