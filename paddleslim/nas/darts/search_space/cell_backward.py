"""The program that computes a cell's gradients, one state after the other, from the last to the first."""

from __future__ import annotations

from paddleslim.kernels import batch_norm, depthwise, layout, pooling, products, sums
from paddleslim.kernels.lanes import lanes_for
from paddleslim.kernels.program import Place, Program

from .cell_memory import CellMemory, Matrix
from .cell_shape import Convolution, Group
from .cell_writer import CellWriter

__all__ = ["backward_program"]


def backward_program(memory: CellMemory, training: bool, weights: bool) -> Program:
    """Return the program of a cell's backward direction.

    Args:
        memory: sizes and places of the cell, after `forward_program`.
        training: whether norms used the batch's statistics.
        weights: whether the gradients of all the cell owns are wanted, besides those of its inputs and the mixture.
    """
    return BackwardWriter(memory, training, weights).program


class BackwardWriter(CellWriter):
    """Writes a backward program: for each state first the edges that leave it, then the sum it was.

    In the comments d stands for the gradient of the state an edge ends in, x for what a norm read; the gradient of x
    is then `A d + B x + C` per channel, with the coefficients that `batch_norm.coefficients` writes.
    """

    def __init__(self, memory: CellMemory, training: bool, weights: bool):
        super().__init__(memory)
        self.weights, self.norm_kind = weights, 1 if training else 2
        largest = memory.largest_numbers()
        self.padded, self.inner, self.taken, self.given, self.spare, self.rectified, self.part = (
            self.program.room(self.own, largest) for _ in range(7)
        )
        self.collected: list[tuple] = []
        self.between: dict[tuple[str, int], Place] = {}
        self.program.phase(by_images=False)
        self.arrange_weights(transposed=True)
        step = memory.state_step
        self.ones = self.program.room(self.work, step)
        self.unused = self.program.room(self.work, 16)
        one = memory.tensor("one")
        self.program.emit(layout.arrange, (one, self.ones), 1, step, 0, 0, step, 0)
        self.read_output_gradient()
        for source in reversed(range(self.shape.steps + 1)):
            self.fan_in(source)
        self.preprocess()
        self.collect()

    def read_output_gradient(self) -> None:
        """Emit the beginning of every state's gradient: its part of the output's, or zeros."""
        memory, program, shape = self.memory, self.program, self.shape
        program.phase(by_images=True)
        self.state_gradients = []
        for state in range(shape.steps + 2):
            pixels = memory.pixels(state)
            place = program.room(self.work, pixels * memory.state_step, per_image=True)
            position = state - (shape.steps + 2 - shape.multiplier)
            planes = memory.tensor("output's gradient", shape.multiplier * shape.channels * pixels)
            channels = shape.channels if position >= 0 else 0
            planes = planes.at(max(position, 0) * shape.channels * pixels)
            program.emit(layout.from_planes, (planes, place), channels, memory.state_step, pixels, 0)
            self.state_gradients.append(place)
        self.sums = [program.room(self.work, memory.state_step, per_image=True) for _ in self.state_gradients]
        # of the sums of operations and of what passes by them; these sums are the states if there is but one part
        self.gradients, self.passing = list(self.state_gradients), list(self.state_gradients)
        if shape.parts > 1:
            for found, step in ((self.gradients, memory.step), (self.passing, memory.state_step)):
                for state in range(2, shape.steps + 2):
                    found[state] = program.room(self.work, memory.pixels(state) * step, per_image=True)
        self.complete(shape.steps + 1)

    def complete(self, state: int) -> None:
        """Emit what the edges into a state, or its preprocessing, need of its gradient, now that this is complete."""
        memory, pixels, step = self.memory, self.memory.pixels(state), self.memory.state_step
        if self.shape.parts > 1 and state > 1:
            places = (self.state_gradients[state], self.gradients[state], self.passing[state])
            lengths = (self.shape.parts, memory.channels, memory.step, step, pixels)
            self.program.emit(layout.unshuffle, places, *lengths)
            step = memory.step
        self.program.emit(sums.sums, (self.gradients[state], self.sums[state]), step, pixels)

    def fan_in(self, source: int) -> None:
        """Emit the gradients of every operation that reads a state, and with them the state's own."""
        groups = self.shape.groups(source)
        self.mixture_gradients(source, groups)
        self.second_convolutions([group for group in groups if len(group.convolutions()) == 2])
        self.state_gradient(source, groups)

    def coefficients(self, product, total, name, weight, weight_gradient, pixels, kind, step=None) -> Place:
        """Emit the coefficients A, B, C of a norm's gradient."""
        step = step or self.memory.step
        out = self.program.room(self.work, 3 * step)
        statistics = self.memory.saved[f"{name}.statistics"] if kind else self.ones
        places = (product, total, statistics, weight, out, weight_gradient)
        self.program.emit(batch_norm.coefficients, places, step, pixels, kind)
        return out

    def mixture_gradients(self, source: int, groups: list[Group]) -> None:
        """Emit sum(d x) of every operation, and from it the gradient of its weight and the norm's coefficients.

        The same for what passes by, whose weight is the edge's.
        """
        memory, program = self.memory, self.program
        program.phase(by_images=True)
        waiting = []
        for group in groups:
            for k, member in enumerate(group.members):
                name, x = self.result(group, k)
                product = program.room(self.work, memory.step, per_image=True)
                places = (self.gradients[member.target], x, product)
                program.emit(sums.inner_products, places, memory.step, memory.pixels(member.target))
                waiting.append((group, k, member, name, product))
        step, passing = memory.state_step, []
        for edge, target in self.shape.edges_from(source) if self.shape.parts > 1 else ():
            product = program.room(self.work, step, per_image=True)
            places = (self.passing[target], memory.saved[f"passing{source}"], product)
            program.emit(sums.inner_products, places, step, memory.pixels(target))
            passing.append((edge, target, product))
        program.phase(by_images=False)
        self.norm_gradients = {}
        for group, k, member, name, product in waiting:
            weight, gradient = (memory.weight(member, g) for g in (False, True))
            kind = self.norm_kind if name in memory.saved else 0
            pixels = memory.pixels(member.target)
            found = self.coefficients(product, self.sums[member.target], name, weight, gradient, pixels, kind)
            self.norm_gradients[group.name, k] = found
        self.edges: list[tuple[Place, Place]] = []
        for edge, target, product in passing:
            weight, gradient = (memory.edge_weight(edge, g) for g in (False, True))
            found = self.coefficients(product, product, "", weight, gradient, memory.pixels(target), 0, step)
            self.edges.append((self.passing[target], found))

    def result(self, group: Group, k: int) -> tuple[str, Place]:
        """Return name and place of what the last norm of an operation read; of an identity, the state."""
        convs = group.convolutions()
        name = self.memory.result(group, k, convs[-1].norm if convs else "bn" if group.is_reduction else "1")
        return name, self.memory.saved.get(name, self.memory.saved[f"x{group.source}"])

    def through_norm(self, d: Place, x: Place, coefficients: Place, pixels: int, out: Place, step=None) -> None:
        """Emit `out = A d + B x + C`."""
        step = step or self.memory.step
        pairs = [(d, coefficients), (x, coefficients.at(step))]
        self.mix(out, pairs, coefficients.at(2 * step), step, pixels)

    def second_convolutions(self, groups: list[Group]) -> None:
        """Emit the gradients of the second convolutions, down to the first norms' coefficients."""
        memory, program = self.memory, self.program
        program.phase(by_images=True)
        waiting = []
        for group in groups:
            first, conv = group.convolutions()
            size = memory.target_size(group)
            pixels = size[0] * size[1]
            for k, target in enumerate(group.targets):
                name, inner = self.result(group, k)[0], memory.result(group, k, first.norm)
                y, scale, shift = (memory.saved[inner + end] for end in ("", ".scale", ".shift"))
                self.through_norm(
                    self.gradients[target], memory.saved[name], self.norm_gradients[group.name, k], pixels, self.given
                )
                if self.weights:
                    self.pad(y, self.padded, size, 2, scale, shift)
                self.separable(group, conv, k, self.spare, keep=False)
                between = program.room(self.work, pixels * memory.step, per_image=True)
                places = (self.spare, y, between, scale, shift)
                program.emit(sums.rectify_gradient, places, memory.step, pixels, 1, 0)
                product, total = (program.room(self.work, memory.step, per_image=True) for _ in range(2))
                program.emit(sums.inner_products, (between, y, product), memory.step, pixels)
                program.emit(sums.sums, (between, total), memory.step, pixels)
                waiting.append((group, k, inner, between, product, total, pixels))
        program.phase(by_images=False)
        one = memory.tensor("one")
        for group, k, inner, between, product, total, pixels in waiting:
            self.between[group.name, k] = between
            found = self.coefficients(product, total, inner, one, self.unused, pixels, self.norm_kind)
            self.norm_gradients[group.name, k] = found

    def pad(self, x, out, size, activate, scale=None, shift=None) -> None:
        """Emit an image in the widest border."""
        places, border = (x, out, scale or x, shift or x), self.memory.border
        lengths = (self.memory.step, *size, border, border, border, border, activate)
        self.program.emit(depthwise.pad, places, *lengths)

    def separable(self, group: Group, conv: Convolution, k: int, out: Place, keep: bool) -> None:
        """Emit the gradients of a pointwise and a depthwise convolution, from the gradient in `self.given`.

        The padded image that the convolution read stands in `self.padded` if the weights' gradients are wanted.
        """
        memory, program = self.memory, self.program
        (height, width), size = memory.target_size(group), memory.input_size(group, conv)
        border, step, pixels = conv.dilation * (conv.size // 2), memory.step, height * width
        taps = self.taps[memory.result(group, k, conv.norm)]
        row = memory.row(size[1], memory.border)
        matrix = memory.pointwise(group, conv, k)
        x = memory.inside(self.padded, size[1], border)
        geometry = (height, width, conv.size, conv.stride, conv.dilation, row)
        if self.weights:
            program.emit(depthwise.depthwise, (x, taps, self.taken), step, step, *geometry, 0)
            self.matrix_gradient(self.taken, step, matrix, pixels)
        self.product(matrix, out=self.taken, pixels=pixels)
        if self.weights:
            part = program.room(self.work, conv.size**2 * step, per_image=True)
            program.emit(depthwise.depthwise_weight_gradient, (x, self.taken, part), step, *geometry)
            gradient = memory.part(group.members[k].plain(conv.depthwise), "'s gradient")
            self.collected.append((part, gradient, conv.size**2, memory.channels, 1, conv.size**2, step, 0))
        if conv.stride == 1:
            self.pad(self.taken, self.inner, size, 0)
            # turned round, the kernel carries the gradient back
            last = taps.at((conv.size**2 - 1) * step)
            places = (memory.inside(self.inner, width, border), last, out)
            program.emit(depthwise.depthwise, places, -step, step, *geometry, int(keep))
        else:
            row = memory.row(size[1], border)
            total = (size[0] + 2 * border) * row
            places = (self.taken, taps, self.inner)
            program.emit(depthwise.spread, places, step, *geometry[:-1], row, total)
            program.emit(depthwise.crop, (self.inner, out), step, *size, border, border, row, int(keep))

    def product(self, matrix: Matrix, out: Place, pixels: int) -> None:
        """Emit the gradient of a product's input from that of its output, in `self.given`."""
        wide = lanes_for(matrix.inputs)
        places = (self.given.at(matrix.column), self.matrices[matrix], out)
        lengths = (matrix.step, 1, wide, wide, pixels, matrix.outputs, wide, 0)
        self.program.emit(products.product, places, *lengths)

    def matrix_gradient(self, x: Place, step: int, matrix: Matrix, pixels: int) -> None:
        """Emit the gradient of a product's matrix from its input and the gradient in `self.given`."""
        part = self.program.room(self.work, matrix.inputs * matrix.step, per_image=True)
        lengths = (1, step, matrix.step, matrix.step, matrix.inputs, pixels, matrix.step, 0)
        self.program.emit(products.product, (x, self.given, part), *lengths)
        gradient = self.memory.part(matrix.name, "'s gradient")
        columns = (matrix.outputs, 1, matrix.inputs, matrix.step, matrix.column)
        self.collected.append((part, gradient, matrix.inputs, *columns))

    def state_gradient(self, source: int, groups: list[Group]) -> None:
        """Emit the gradient of a state: its part of the output's, and what every operation that reads it adds."""
        memory, program = self.memory, self.program
        state, gradient = memory.saved[f"x{source}"], self.state_gradients[source]
        size, pixels = memory.state_sizes[source], memory.pixels(source)
        pool_shifts = [self.pool_shift(group) for group in groups if "pool" in group.name]
        program.phase(by_images=True)
        if self.shape.parts > 1:
            gradient = self.part
            program.emit(layout.from_planes, (self.part, self.part), 0, memory.step, pixels, 0)
        if self.weights:
            self.pad(state, self.padded, size, 1)
        rectified = False
        for group in groups:
            for k, target in enumerate(group.targets):
                found = self.norm_gradients[group.name, k]
                if group.convolutions():
                    conv = group.convolutions()[0]
                    x = memory.saved[memory.result(group, k, conv.norm)]
                    d = self.between.get((group.name, k), self.gradients[target])
                    self.through_norm(d, x, found, memory.pixels(target), self.given)
                    self.separable(group, conv, k, self.rectified, keep=rectified)
                    rectified = True
                elif group.is_reduction:
                    self.through_norm(
                        self.gradients[target], self.result(group, k)[1], found, memory.pixels(target), self.given
                    )
                    self.factorized_state(group, k, size, rectified)
                    rectified = True
        self.between.clear()
        if rectified:
            places = (self.rectified, state, gradient, state, state)
            program.emit(sums.rectify_gradient, places, memory.step, pixels, 0, 1)
        pooled = iter(pool_shifts)
        for group in groups:
            if "pool" in group.name:
                self.pool(group, state, gradient, next(pooled))
            elif group.is_shared:
                pairs = [
                    (self.gradients[target], self.norm_gradients[group.name, k])
                    for k, target in enumerate(group.targets)
                ]
                zeros = self.norm_gradients[group.name, 0].at(memory.step)
                self.mix(gradient, [(gradient, self.ones), *pairs], zeros, memory.step, pixels)
        if self.shape.parts > 1:
            whole = self.state_gradients[source]
            program.emit(layout.widen, (self.part, whole), memory.channels, memory.state_step, memory.step, pixels)
            self.passing_gradient(source)
        self.complete(source)

    def passing_gradient(self, source: int) -> None:
        """Emit the gradient of what passes by the operations, and add it to the state's."""
        memory, step, gradient = self.memory, self.memory.state_step, self.state_gradients[source]
        zeros = self.edges[0][1].at(step)
        if self.shape.stride(source) == 1:
            self.mix(gradient, [(gradient, self.ones), *self.edges], zeros, step, memory.pixels(source))
            return
        self.mix(self.given, self.edges, zeros, step, memory.pixels(2))
        places = (memory.saved[f"state{source}"], memory.saved[f"passing{source}"], self.given, gradient)
        lengths = (step, *memory.state_sizes[source], *memory.state_sizes[2], 2)
        self.program.emit(pooling.max_pool_2x2_gradient, places, *lengths)

    def factorized_state(self, group: Group, k: int, size: tuple[int, int], keep: bool) -> None:
        """Emit the gradients of a factorised reduction of the padded state, from the one in `self.given`."""
        memory = self.memory
        border, out_size = memory.border, memory.target_size(group)
        padded = (size[0] + 2 * border, size[1] + 2 * border)
        if not keep:
            self.program.emit(layout.from_planes, (self.given, self.rectified), 0, memory.step, size[0] * size[1], 0)
        matrices = memory.reduction(group, k)
        self.factorized(matrices, self.padded, padded, border, memory.step, self.rectified, size, out_size)

    def factorized(self, matrices, x, x_size, first, step, x_gradient, size, out_size) -> None:
        """Emit the gradients of two pointwise convolutions of every second pixel; add to `x_gradient`."""
        pixels = out_size[0] * out_size[1]
        for shift, matrix in enumerate(matrices):
            if self.weights:
                lengths = (step, *x_size, *out_size, 2, first + shift)
                self.program.emit(layout.subsample, (x, self.spare), *lengths)
                self.matrix_gradient(self.spare, step, matrix, pixels)
            self.product(matrix, out=self.spare, pixels=pixels)
            lengths = (step, *size, *out_size, 2, shift)
            self.program.emit(layout.unsubsample, (self.spare, x_gradient), *lengths)

    def pool_shift(self, group: Group) -> Place:
        """Emit the sum of C over a pool's edges, into a phase by instructions."""
        out, step = self.program.room(self.work, self.memory.step), self.memory.step
        shifts = [self.norm_gradients[group.name, k].at(2 * step) for k in range(len(group.members))]
        self.mix(out, [(shift, self.ones) for shift in shifts[1:]], shifts[0], step, pixels=1)
        return out

    def pool(self, group: Group, state: Place, gradient: Place, shift: Place) -> None:
        """Emit the gradient of a pooling, the sum over its edges carried back once."""
        memory, (_, x) = self.memory, self.result(group, 0)
        size, out_size = memory.state_sizes[group.source], memory.target_size(group)
        pairs = []
        for k, target in enumerate(group.targets):
            found = self.norm_gradients[group.name, k]
            pairs += [(self.gradients[target], found), (x, found.at(memory.step))]
        self.mix(self.given, pairs, shift, memory.step, out_size[0] * out_size[1])
        lengths = (memory.step, *size, *out_size, group.stride)
        if group.name == "max_pool_3x3":
            self.program.emit(pooling.max_pool_gradient, (state, x, self.given, gradient), *lengths)
        else:
            self.program.emit(pooling.average_pool_gradient, (self.given, gradient), *lengths)

    def preprocess(self) -> None:
        """Emit the gradients of the two inputs."""
        memory, program, shape = self.memory, self.program, self.shape
        one, wide = memory.tensor("one"), memory.state_step
        program.phase(by_images=True)
        parts = [program.room(self.work, wide, per_image=True) for _ in range(2)]
        for k, part in enumerate(parts):
            places = (self.gradients[k], memory.saved[f"preprocess{k}"], part)
            program.emit(sums.inner_products, places, wide, memory.pixels(k))
        program.phase(by_images=False)
        found = [
            self.coefficients(
                part, self.sums[k], f"preprocess{k}", one, self.unused, memory.pixels(k), self.norm_kind, wide
            )
            for k, part in enumerate(parts)
        ]
        program.phase(by_images=True)
        for k, (channels, step) in enumerate(zip(shape.channels_before, memory.steps_before)):
            raw, pixels = memory.saved[f"preprocess{k}"], memory.pixels(k)
            self.through_norm(self.gradients[k], raw, found[k], pixels, self.given, wide)
            input_pixels = memory.sizes[k][0] * memory.sizes[k][1]
            planes = memory.tensor(f"input{k}", channels * input_pixels)
            if self.weights:
                program.emit(layout.from_planes, (planes, self.padded), channels, step, input_pixels, 1)
            matrices = memory.preprocessing(k)
            if len(matrices) == 1:
                if self.weights:
                    self.matrix_gradient(self.padded, step, matrices[0], pixels)
                self.product(matrices[0], out=self.rectified, pixels=pixels)
            else:
                program.emit(layout.from_planes, (planes, self.rectified), 0, step, input_pixels, 0)
                size = memory.sizes[k]
                self.factorized(matrices, self.padded, size, 0, step, self.rectified, size, memory.sizes[1])
            gradient = memory.tensor(f"input{k}'s gradient", channels * input_pixels)
            program.emit(layout.to_planes, (self.rectified, gradient, planes), channels, step, input_pixels, 1)

    def collect(self) -> None:
        """Emit the sums of the weights' gradients over the images."""
        self.program.phase(by_images=False)
        for part, gradient, *lengths in self.collected:
            self.program.emit(layout.collect, (part, gradient), *lengths)
