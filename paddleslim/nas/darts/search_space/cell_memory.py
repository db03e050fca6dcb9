"""Where a cell's program keeps its numbers: what both directions share."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from paddleslim.kernels import layout
from paddleslim.kernels.lanes import lanes_for
from paddleslim.kernels.program import Place, Program

from .cell_shape import CellShape, Convolution, Group, Member
from .cell_tensors import tensors_of

__all__ = ["CellMemory", "Matrix"]


class Matrix(NamedTuple):
    """A pointwise weight `[outputs, inputs]` by its name in the plain form.

    Its outputs are the channels from `column` on of pixels of `step` numbers.
    """

    name: str
    inputs: int
    outputs: int
    column: int
    step: int


class CellMemory:
    """The sizes of a cell and the places that its forward program leaves for its backward one.

    Args:
        shape: of the cell.
        images: of the batch.
        sizes: height and width of the two inputs.

    A pixel of a state takes `state_step` numbers, one of what operations read and put out `step`.

    Tensors, the first arenas of both programs, are in the order of `names`: a tensor holding a one, the two inputs,
    the output, the mixture's weights `[edges, operations]`, those of the edges `[edges]` if a state has several parts,
    the weights and running statistics that the cell owns, and the gradients of all but the one.
    """

    def __init__(self, shape: CellShape, images: int, sizes: tuple[tuple[int, int], tuple[int, int]]):
        self.shape, self.images, self.sizes = shape, images, sizes
        tensors = tensors_of(shape)
        self.owned = [
            name + part for name in tensors for part in (("",) if name.endswith("weight") else ("._mean", "._variance"))
        ]
        self._parts = {
            plain: (name, k * prod(owned.shape) // len(owned.parts))
            for name, owned in tensors.items()
            for k, plains in enumerate(owned.parts)
            for plain in plains
        }
        values = ["input0", "input1", "output", "mixture", *(["edges"] if shape.parts > 1 else []), *self.owned]
        self.names = ["one", *values, *(f"{name}'s gradient" for name in values)]
        self._index = {name: k for k, name in enumerate(self.names)}
        self.channels = shape.mixed_channels
        self.step, self.state_step = lanes_for(self.channels), lanes_for(shape.channels)
        self.steps_before = [lanes_for(c) for c in shape.channels_before]
        height, width = sizes[1]
        stride = 2 if shape.reduction else 1
        inner = (-(-height // stride), -(-width // stride))
        self.state_sizes = [sizes[1]] * 2 + [inner] * shape.steps
        self.border = max(
            [1]
            + [
                c.dilation * (c.size // 2)
                for s in range(shape.steps + 1)
                for g in shape.groups(s)
                for c in g.convolutions()
            ]
        )
        self.saved: dict[str, Place] = {}
        self.saved_numbers = 0

    def new_program(self) -> tuple[Program, int, int, int]:
        """Return an empty program and its arenas: what is saved, work that all threads share, work of each."""
        program = Program(self.images, len(self.names))
        saved = program.arena()
        program.rooms[0] = self.saved_numbers
        return program, saved, program.arena(), program.arena(per_thread=True)

    def tensor(self, name: str, stride: int = 0) -> Place:
        """Return the place of a tensor, `stride` numbers from image to image."""
        return Place(self._index[name], 0, stride)

    def part(self, plain: str, kind: str = "") -> Place:
        """Return the place of what has a name in the plain form; `kind` is `._mean`, `._variance` or `'s gradient`."""
        name, first = self._parts[plain]
        return self.tensor(name + kind).at(first)

    def output_shape(self) -> list[int]:
        """Return the shape of the cell's output."""
        return [self.images, self.shape.multiplier * self.shape.channels, *self.state_sizes[-1]]

    def weight(self, member: Member, gradient: bool = False) -> Place:
        """Return the place of the mixture's weight of an operation on an edge."""
        columns = max(len(names) for names in self.shape.edges)
        return self.tensor("mixture's gradient" if gradient else "mixture").at(member.edge * columns + member.column)

    def edge_weight(self, edge: int, gradient: bool = False) -> Place:
        """Return the place of an edge's weight."""
        return self.tensor("edges's gradient" if gradient else "edges").at(edge)

    def pixels(self, state: int) -> int:
        """Return how many pixels a state has."""
        height, width = self.state_sizes[state]
        return height * width

    def target_size(self, group: Group) -> tuple[int, int]:
        """Return height and width of what a group puts out."""
        return self.state_sizes[group.targets[0]]

    def row(self, width: int, border: int) -> int:
        """Return the numbers of a padded row."""
        return (width + 2 * border) * self.step

    def padded_numbers(self) -> int:
        """Return the numbers of the largest padded image, with the widest border."""
        height, width = self.sizes[1]
        return (height + 2 * self.border) * (width + 2 * self.border) * self.step

    def inside(self, padded: Place, width: int, border: int) -> Place:
        """Return an image of a smaller `border` in one padded with the widest."""
        surplus = self.border - border
        return padded.at(surplus * (self.row(width, self.border) + self.step))

    def largest_numbers(self) -> int:
        """Return the numbers of the largest image that a program holds: an input or a padded state."""
        inputs = [h * w * max(step, self.state_step) for (h, w), step in zip(self.sizes, self.steps_before)]
        return max(self.padded_numbers(), *inputs)

    def input_size(self, group: Group, conv: Convolution) -> tuple[int, int]:
        """Return height and width of what a convolution of a group reads."""
        return self.state_sizes[group.source] if conv.norm == "bn1" else self.target_size(group)

    def result(self, group: Group, k: int, norm: str) -> str:
        """Return the name under which what a norm reads is saved; pools are the same for all members."""
        return group.members[0 if group.is_shared else k].plain(norm)

    def arrange_taps(self, program: Program, arena: int, group: Group, conv: Convolution, k: int) -> Place:
        """Emit the taps of a depthwise convolution, `[size * size, step]`, for the group's member `k`."""
        c, taps = self.channels, conv.size**2
        place = program.room(arena, taps * self.step)
        source = self.part(group.members[k].plain(conv.depthwise))
        program.emit(layout.arrange, (source, place), taps, c, 1, taps, self.step, 0)
        return place

    def preprocessing(self, k: int) -> list[Matrix]:
        """Return the one or, of a factorised reduction, two matrices that an input passes."""
        name, inputs, c = f"preprocess{k}.", self.shape.channels_before[k], self.shape.channels
        if name + "conv.weight" in self._parts:
            return [Matrix(name + "conv.weight", inputs, c, 0, self.state_step)]
        return halves(name, inputs, c, self.state_step)

    def reduction(self, group: Group, k: int) -> list[Matrix]:
        """Return the two matrices of member `k`, a factorised reduction."""
        return halves(group.members[k].plain(""), self.channels, self.channels, self.step)

    def pointwise(self, group: Group, conv: Convolution, k: int) -> Matrix:
        """Return the matrix of the pointwise convolution of member `k`."""
        return Matrix(group.members[k].plain(conv.pointwise), self.channels, self.channels, 0, self.step)

    def arrange_matrix(self, program: Program, arena: int, matrix: Matrix, transposed: bool) -> Place:
        """Emit a matrix as `[inputs, step]`, or, for the way back, `[outputs, inputs]` in whole vectors."""
        source = self.part(matrix.name)
        rows, columns, step, column = matrix.inputs, matrix.outputs, matrix.step, matrix.column
        strides = (1, matrix.inputs)
        if transposed:
            rows, columns, step, column = matrix.outputs, matrix.inputs, lanes_for(matrix.inputs), 0
            strides = (matrix.inputs, 1)
        place = program.room(arena, rows * step)
        program.emit(layout.arrange, (source, place), rows, columns, *strides, step, column)
        return place


def halves(prefix: str, inputs: int, outputs: int, step: int) -> list[Matrix]:
    """Return the two matrices of a factorised reduction."""
    half = outputs // 2
    return [
        Matrix(prefix + "conv1.weight", inputs, half, 0, step),
        Matrix(prefix + "conv2.weight", inputs, outputs - half, half, step),
    ]
