"""Weighted sums, biases, and zeros."""

from __future__ import annotations

from dataclasses import dataclass

from ... import sums
from ..forms import Constant, Form, form_of
from ..graph import Operator, Parameter
from .convolution import pack, reduce

__all__ = ["Bias", "Sum", "Zeros"]


@dataclass(frozen=True)
class Sum(Operator):
    """`sum_k factors[k] * x_k`, None for a factor of 1; factors are one number, or one for each image (drop path).

    A term whose factor is zero is not read.
    """

    factors: tuple[Parameter | None, ...]

    def shape(self, inputs):
        return inputs[0]

    def parameters(self):
        return [factor for factor in self.factors if factor is not None]

    def forward(self, lowering, node):
        form = Form()
        for factor, number in zip(self.factors, node.inputs):
            form += self.term(lowering, number).times(lowering.factor(factor))
        if len(form.terms) == 1:
            return form
        return form_of(lowering.weighted_sum(form, node.number, local=False))

    @staticmethod
    def term(lowering, number) -> Form:
        """Return an input as a form without factors."""
        form = lowering.form(number)
        return form_of(lowering.buffer(number)) if form.has_factors else form

    def contribute(self, backward, node, position):
        number, factor = node.inputs[position], self.factors[position]
        gradient = backward.gradient(node.number)
        if backward.wants(factor) and not factor.per_image:
            self.factor_gradient(backward, self.term(backward, number), gradient, factor, number)
        if backward.needs(number):
            backward.contribute(number, form_of(gradient).times(backward.factor(factor)))

    @staticmethod
    def factor_gradient(backward, form, gradient, factor, number) -> None:
        """Emit the gradient of a factor, the inner product of the result's and what it multiplies."""
        terms = [
            (backward.inner_products(gradient, t.x, number), t.scale or backward.ones, t.factor or backward.ones)
            for t in form.terms
        ]
        terms += [(backward.sums(gradient, number), c.vector, c.factor or backward.ones) for c in form.constants]
        out, keep = backward.parameter_gradient(factor, 1)
        lengths = (len(terms), backward.shapes[number][0], keep)
        backward.schedule.emit(sums.term_gradient, (out,), lengths, (0,), terms, by_images=False)


@dataclass(frozen=True)
class Bias(Operator):
    """`x + bias`, one number for each channel."""

    bias: Parameter

    def shape(self, inputs):
        return inputs[0]

    def parameters(self):
        return [self.bias]

    def forward(self, lowering, node):
        channels, _, _ = lowering.shapes[node.number]
        lengths = (1, channels, 0, 1, lowering.channel_stride(node.number), 0)
        return Sum.term(lowering, node.inputs[0]) + Form((), (Constant(pack(lowering, self.bias, lengths)),))

    def contribute(self, backward, node, position):
        (number,) = node.inputs
        if backward.wants(self.bias):
            channels, channel_stride = backward.shapes[number][0], backward.channel_stride(number)
            totals = backward.sums(backward.gradient(node.number), number)
            reduce(backward, totals, self.bias, (1, channels, 0, 1, channel_stride, 0))
        if backward.needs(number):
            backward.contribute(number, backward.gradient_form(node.number))


@dataclass(frozen=True)
class Zeros(Operator):
    """Zeros of the shape of the input, of every `stride`-th pixel."""

    stride: int = 1
    reads_shape_alone = True

    def shape(self, inputs):
        channels, height, width = inputs[0]
        return channels, -(-height // self.stride), -(-width // self.stride)

    def forward(self, lowering, node):
        return Form()
