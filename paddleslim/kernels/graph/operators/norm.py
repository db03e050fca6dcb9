"""Batch norm, of a batch's statistics in training and of running ones in evaluation, with or without gamma and beta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import batch_norm
from ..forms import Constant, Form, Term, form_of
from ..graph import Operator, Parameter
from ..schedule import OUT
from .convolution import FoldedNorm

__all__ = ["Norm"]


@dataclass(frozen=True)
class Norm(Operator):
    """`gamma (x - mean) / sqrt(variance + epsilon) + beta`.

    Args:
        mean, variance: the running statistics.
        gamma, beta: None for 1 and 0.
        fixed: whether to use the running statistics in training, too.
        call: which use of these statistics it is; each one moves them.
        epsilon, momentum: None for Paddle's defaults; epsilon is larger than 0.
    """

    mean: Parameter
    variance: Parameter
    gamma: Parameter | None = None
    beta: Parameter | None = None
    fixed: bool = False
    call: int = 0
    epsilon: float | None = None
    momentum: float | None = None

    def shape(self, inputs):
        return inputs[0]

    def parameters(self):
        return [] if self.gamma is None else [self.gamma, self.beta]

    def trains(self, lowering) -> bool:
        """Return whether it uses the batch's statistics, and moves the running ones."""
        return lowering.training and not self.fixed

    def passes_through(self, lowering, node) -> bool:
        """Return whether there is one number of a channel, which Paddle's training leaves as it is."""
        return self.trains(lowering) and lowering.images * lowering.pixels(node.number) == 1

    def forward(self, lowering, node):
        (number,) = node.inputs
        if self.passes_through(lowering, node):
            return lowering.form(number)
        schedule = lowering.schedule
        channels, channel_stride = lowering.shapes[number][0], lowering.channel_stride(number)
        pixels, affine = lowering.pixels(number), int(self.gamma is not None)
        running = lowering.parameter(self.mean), lowering.parameter(self.variance)
        scales = [lowering.ones if p is None else lowering.parameter(p) for p in (self.gamma, self.beta)]
        options = {"per_image": False, "by_images": False}
        numbers = batch_norm.NORM_VECTORS * channel_stride
        epsilon = bits(self.epsilon)
        if self.trains(lowering):
            x = lowering.buffer(number)
            parts = schedule.compute(batch_norm.partial_moments, (x, OUT), (channel_stride, pixels), 2 * channel_stride)
            kernel, operands = batch_norm.finalize_statistics, (parts, *scales, OUT)
            lengths = (channels, channel_stride, pixels, affine, *epsilon)
            norm = schedule.compute(kernel, operands, lengths, numbers, **options)
            momentum = bits(self.momentum, batch_norm.MOMENTUM_SHIFT)
            lowering.move_statistics(norm, running, (channels, channel_stride, *momentum))
        else:
            kernel, operands = batch_norm.finalize_running, (*running, *scales, OUT)
            norm = schedule.compute(kernel, operands, (channels, channel_stride, affine, *epsilon), numbers, **options)
            if lowering.folds(number):
                found = lowering.graph.nodes[number]
                folded = FoldedNorm(norm.at(3 * channel_stride), norm.at(4 * channel_stride))
                return found.operator.forward(lowering, found, folded)
            x = lowering.buffer(number)
        return Form((Term(x, norm.at(3 * channel_stride)),), (Constant(norm.at(4 * channel_stride)),))

    def contribute(self, backward, node, position):
        (number,) = node.inputs
        gradient = backward.gradient_form(node.number)
        if self.passes_through(backward, node):
            backward.contribute(number, gradient)
            return
        if gradient.constants or any(term.scale is not None for term in gradient.terms):
            gradient = form_of(backward.gradient(node.number))
        form, channel_stride = backward.form(node.number), backward.channel_stride(number)
        x, scale, norm = form.terms[0].x, form.terms[0].scale, form.constants[0].vector.at(-4 * channel_stride)
        found = tuple(term._replace(scale=scale) for term in gradient.terms)
        if not (self.trains(backward) or backward.wants(self.gamma) or backward.wants(self.beta)):
            backward.contribute(number, Form(found))
            return
        terms = [
            (backward.inner_products(t.x, x, number), backward.sums(t.x, number), t.factor or backward.ones)
            for t in gradient.terms
        ]
        out = self.coefficients(backward, node, norm, terms)
        if self.trains(backward):
            further = (Term(x, out),), (Constant(out.at(channel_stride)),)
            backward.contribute(number, Form(found + further[0], further[1]))
        else:
            backward.contribute(number, Form(found))

    def coefficients(self, backward, node, norm, terms):
        """Emit the coefficients B and C of the gradient, and the gradients of gamma and beta."""
        channels, channel_stride = backward.shapes[node.number][0], backward.channel_stride(node.number)
        out = backward.temporary(2 * channel_stride, per_image=False)
        own = [p for p in (self.gamma, self.beta) if backward.wants(p)]
        targets = [
            backward.parameter_gradient(p, channels)[0] if p in own else backward.temporary(channels, per_image=False)
            for p in (self.gamma, self.beta)
        ]
        lengths = (
            len(terms),
            channels,
            channel_stride,
            backward.pixels(node.number),
            int(self.trains(backward)),
            int(bool(own)),
        )
        kernel, operands = batch_norm.coefficients, (norm, out, *targets)
        backward.schedule.emit(kernel, operands, lengths, (1, 2, 3), terms, by_images=False)
        return out


def bits(number: float | None, shift: float = 0.0) -> tuple[int, ...]:
    """Return the bits of a number, which Paddle takes in single precision, as an integer; nothing for None."""
    return () if number is None else (int(np.float64(float(np.float32(number)) + shift).view(np.int64)),)
