"""The program that computes a cell from its inputs, one state after the other."""

from __future__ import annotations

from typing import NamedTuple

from paddleslim.kernels import batch_norm, depthwise, layout, pooling, products, sums
from paddleslim.kernels.program import Place, Program

from .cell_memory import CellMemory, Matrix
from .cell_shape import Convolution, Group
from .cell_writer import CellWriter

__all__ = ["forward_program"]


class Term(NamedTuple):
    """A part of a state: weight * norm(x), or weight * x without `statistics`."""

    x: Place
    weight: Place
    statistics: Place | None


class Norm(NamedTuple):
    """A batch norm that waits for its statistics."""

    channels: int
    step: int
    moments: Place
    statistics: Place
    running: tuple[Place, Place]
    pixels: int


def forward_program(memory: CellMemory, training: bool, move: bool = True) -> Program:
    """Return the program of a cell's forward direction; it fills in `memory.saved`.

    Saved are every state, and of every normalised operation its result before the norm and the norm's statistics:
    the backward direction computes the rest again, in the cache.

    Args:
        memory: sizes and places of the cell.
        training: whether norms use the batch's statistics instead of the running ones.
        move: whether, in training, the running statistics move.
    """
    return ForwardWriter(memory, training, move).program


class ForwardWriter(CellWriter):
    """Writes a forward program: state by state, `form_state` and then `fan_out`."""

    def __init__(self, memory: CellMemory, training: bool, move: bool):
        super().__init__(memory)
        self.training, self.move = training, move
        self.norms: list[Norm] = []
        largest = memory.largest_numbers()
        self.padded, self.scratch, self.spare = (self.program.room(self.own, largest) for _ in range(3))
        self.program.phase(by_images=False)
        self.arrange_weights(transposed=False)
        self.terms: list[list[Term]] = [[] for _ in range(self.shape.steps + 2)]
        self.passing: list[list[Term]] = [[] for _ in self.terms]  # what passes by the operations
        self.preprocess()
        for state in range(self.shape.steps + 2):
            self.form_state(state)
            if state <= self.shape.steps:
                self.fan_out(state)
        memory.saved_numbers = self.program.rooms[0]

    def keep(self, name: str, numbers: int, per_image: bool = False) -> Place:
        """Return a new place that the backward direction finds as `memory.saved[name]`."""
        self.memory.saved[name] = self.program.room(self.saved, numbers, per_image)
        return self.memory.saved[name]

    def preprocess(self) -> None:
        """Emit both inputs' ReLU, pointwise convolution and norm."""
        memory, program = self.memory, self.program
        program.phase(by_images=True)
        for k, (channels, step) in enumerate(zip(self.shape.channels_before, memory.steps_before)):
            height, width = memory.sizes[k]
            pixels = height * width
            planes = memory.tensor(f"input{k}", channels * pixels)
            program.emit(layout.from_planes, (planes, self.scratch), channels, step, pixels, 1)
            raw = self.keep(f"preprocess{k}", memory.pixels(k) * memory.state_step, per_image=True)
            matrices = memory.preprocessing(k)
            if len(matrices) == 1:
                self.product(self.scratch, step, matrices[0], raw, pixels)
            else:
                self.factorized(self.scratch, memory.sizes[k], 0, step, matrices, raw, memory.sizes[1])
            lengths = self.shape.channels, memory.state_step
            statistics = self.norm(f"preprocess{k}.bn", raw, memory.pixels(k), f"preprocess{k}.statistics", lengths)
            self.terms[k].append(Term(raw, memory.tensor("one"), statistics))
        self.settle()

    def product(self, x, step, matrix: Matrix, out, pixels, keep=False) -> None:
        """Emit `out = x @ matrix` for the pixels of an image."""
        places = (x, self.matrices[matrix], out)
        lengths = (step, 1, matrix.step, matrix.step, pixels, matrix.inputs, matrix.step, int(keep))
        self.program.emit(products.product, places, *lengths)

    def factorized(self, x, size, first, step, matrices, out, out_size) -> None:
        """Emit two pointwise convolutions of every second pixel, from the pixel `first` and from the next on."""
        for shift, matrix in enumerate(matrices):
            lengths = (step, *size, *out_size, 2, first + shift)
            self.program.emit(layout.subsample, (x, self.spare), *lengths)
            self.product(self.spare, step, matrix, out, out_size[0] * out_size[1], keep=shift == 1)

    def norm(self, plain, x, pixels, name, lengths=None) -> Place:
        """Emit the moments of the norm of a plain name; return where its statistics stand once `settle` was called.

        `lengths` are channels and step of x, if it is not what an operation puts out.
        """
        channels, step = lengths or (self.memory.channels, self.memory.step)
        moments = self.program.room(self.work, 2 * step, per_image=True)
        if self.training:
            self.program.emit(batch_norm.moments, (x, moments), step, pixels)
        running = self.memory.part(plain, "._mean"), self.memory.part(plain, "._variance")
        statistics = self.keep(name, 3 * step)
        self.norms.append(Norm(channels, step, moments, statistics, running, pixels))
        return statistics

    def settle(self) -> None:
        """Emit the statistics of all norms since the last time; leave a phase by instructions open."""
        self.program.phase(by_images=False)
        for norm in self.norms:
            if self.training:
                self.program.emit(batch_norm.settle, (norm.moments, norm.statistics), norm.step, norm.pixels)
            else:
                places = (*norm.running, norm.statistics)
                self.program.emit(batch_norm.settle_running, places, norm.channels, norm.step)
        self.program.phase(by_images=False)
        for norm in self.norms if self.training and self.move else ():
            places = (norm.statistics, *norm.running)
            self.program.emit(batch_norm.move_running, places, norm.channels, norm.step)
        self.norms.clear()

    def weigh(self, terms: list[Term], arena: int, step: int) -> tuple[list[tuple[Place, Place]], Place]:
        """Emit the scales and the common shift of a sum of terms; return pairs (x, scale), and the shift."""
        shift = self.program.room(arena, step)
        self.program.emit(sums.weigh, (shift,), len(terms), step)
        pairs = []
        for term in terms:
            pairs.append((term.x, self.program.room(arena, step)))
            normal = term.statistics is not None
            places = (term.weight, term.statistics if term.statistics else term.weight, pairs[-1][1])
            self.program.emit(None, places, int(normal))
        return pairs, shift

    def form_state(self, state: int) -> None:
        """Emit a state, what operations read of it, and its part of the cell's output."""
        memory, program, shape = self.memory, self.program, self.shape
        shuffled, pixels, step = shape.parts > 1 and state > 1, memory.pixels(state), memory.state_step
        weighed = self.weigh(self.terms[state], self.work, memory.step if shuffled else step)
        passing = self.weigh(self.passing[state], self.work, step) if shuffled else None
        program.phase(by_images=True)
        place = self.keep(f"state{state}", pixels * step, per_image=True)
        if passing is None:
            self.mix(place, *weighed, step, pixels)
        else:
            self.mix(self.scratch, *weighed, memory.step, pixels)
            self.mix(self.spare, *passing, step, pixels)
            lengths = (shape.parts, memory.channels, memory.step, step, pixels)
            program.emit(layout.shuffle, (self.scratch, self.spare, place), *lengths)
        position = state - (shape.steps + 2 - shape.multiplier)
        if position >= 0:
            planes = memory.tensor("output", shape.multiplier * shape.channels * pixels)
            planes = planes.at(position * shape.channels * pixels)
            program.emit(layout.to_planes, (place, planes, planes), shape.channels, step, pixels, 0)
        memory.saved[f"x{state}"] = place
        if shape.parts > 1 and state <= shape.steps:
            self.take_part(state, place)

    def take_part(self, state: int, place: Place) -> None:
        """Emit the part of a state that operations read; what passes by becomes terms of the states behind it."""
        memory, pixels = self.memory, self.memory.pixels(state)
        x = self.keep(f"x{state}", pixels * memory.step, per_image=True)
        self.program.emit(layout.narrow, (place, x), memory.channels, memory.state_step, memory.step, pixels)
        if self.shape.stride(state) == 2:
            pooled = self.program.room(self.saved, memory.pixels(2) * memory.state_step, per_image=True)
            lengths = (memory.state_step, *memory.state_sizes[state], *memory.state_sizes[2], 2)
            self.program.emit(pooling.max_pool_2x2, (place, pooled), *lengths)
            place = pooled
        memory.saved[f"passing{state}"] = place
        for edge, target in self.shape.edges_from(state):
            self.passing[target].append(Term(place, memory.edge_weight(edge), None))

    def fan_out(self, source: int) -> None:
        """Emit every operation that reads a state; their results become terms of the states the edges end in."""
        memory, program = self.memory, self.program
        state, (height, width) = memory.saved[f"x{source}"], memory.state_sizes[source]
        border = memory.border
        lengths = (memory.step, height, width, border, border, border, border, 1)
        program.emit(depthwise.pad, (state, self.padded), *lengths)
        second: list[tuple[Group, Convolution, Convolution]] = []
        for group in self.shape.groups(source):
            if "pool" in group.name:
                self.pool(group, state)
            elif group.name == "skip_connect":
                self.skip(group, state)
            else:
                convs = group.convolutions()
                for k in range(len(group.members)):
                    self.separable(group, convs[0], k, last=len(convs) == 1)
                if len(convs) == 2:
                    second.append((group, convs[0], convs[1]))
        self.settle()
        if second:
            self.second_convolutions(second)

    def second_convolutions(self, second) -> None:
        """Emit norm, ReLU and the second convolution of the groups that have one."""
        memory, program = self.memory, self.program
        inner = []
        for group, first, conv in second:
            for k in range(len(group.members)):
                name = memory.result(group, k, first.norm)
                term = Term(memory.saved[name], memory.tensor("one"), memory.saved[f"{name}.statistics"])
                (pair,), shift = self.weigh([term], self.saved, memory.step)
                memory.saved[f"{name}.scale"], memory.saved[f"{name}.shift"] = pair[1], shift
                inner.append((group, conv, k, term.x, pair[1], shift))
        program.phase(by_images=True)
        for group, conv, k, x, scale, shift in inner:
            height, width = memory.target_size(group)
            border = memory.border
            lengths = (memory.step, height, width, border, border, border, border, 2)
            program.emit(depthwise.pad, (x, self.padded, scale, shift), *lengths)
            self.separable(group, conv, k, last=True)
        self.settle()

    def separable(self, group: Group, conv: Convolution, k: int, last: bool) -> None:
        """Emit depthwise and pointwise convolution of the padded image, and the norm's moments."""
        memory, name = self.memory, self.memory.result(group, k, conv.norm)
        size, (_, width) = memory.target_size(group), memory.input_size(group, conv)
        pixels = size[0] * size[1]
        x = memory.inside(self.padded, width, conv.dilation * (conv.size // 2))
        lengths = (memory.step, memory.step, *size, conv.size, conv.stride, conv.dilation)
        row = memory.row(width, memory.border)
        self.program.emit(depthwise.depthwise, (x, self.taps[name], self.scratch), *lengths, row, 0)
        raw = self.keep(name, pixels * memory.step, per_image=True)
        self.product(self.scratch, memory.step, memory.pointwise(group, conv, k), raw, pixels)
        statistics = self.norm(name, raw, pixels, f"{name}.statistics")
        if last:
            self.add_term(group, k, raw, statistics)

    def pool(self, group: Group, state: Place) -> None:
        """Emit a pooling and its moments, once for all edges."""
        memory = self.memory
        source, size = memory.state_sizes[group.source], memory.target_size(group)
        name = memory.result(group, 0, "1")
        raw = self.keep(name, size[0] * size[1] * memory.step, per_image=True)
        kernel = pooling.max_pool if group.name == "max_pool_3x3" else pooling.average_pool
        self.program.emit(kernel, (state, raw), memory.step, *source, *size, group.stride)
        statistics = self.norm(name, raw, size[0] * size[1], f"{name}.statistics")
        for k in range(len(group.members)):
            self.add_term(group, k, raw, statistics)

    def skip(self, group: Group, state: Place) -> None:
        """Emit the identity, or factorised reductions of the padded image."""
        memory, border = self.memory, self.memory.border
        for k in range(len(group.members)):
            if group.stride == 1:
                self.add_term(group, k, state, None)
                continue
            height, width = memory.state_sizes[group.source]
            size, name = memory.target_size(group), memory.result(group, k, "bn")
            raw = self.keep(name, size[0] * size[1] * memory.step, per_image=True)
            # the image in its border of zeros: pixels beyond the image are zeros, as they should be
            padded = (height + 2 * border, width + 2 * border)
            self.factorized(self.padded, padded, border, memory.step, memory.reduction(group, k), raw, size)
            statistics = self.norm(name, raw, size[0] * size[1], f"{name}.statistics")
            self.add_term(group, k, raw, statistics)

    def add_term(self, group: Group, k: int, x: Place, statistics: Place | None) -> None:
        """Count an operation's result among the terms of the state its edge ends in."""
        member = group.members[k]
        self.terms[member.target].append(Term(x, self.memory.weight(member), statistics))
