"""What writing a cell's program takes in both directions."""

from __future__ import annotations

from paddleslim.kernels import sums
from paddleslim.kernels.program import Place

from .cell_memory import CellMemory, Matrix

__all__ = ["CellWriter"]


class CellWriter:
    """Writes a program on the memory of a cell: what is `saved`, the `work` of all threads and each one's `own`."""

    def __init__(self, memory: CellMemory):
        self.memory, self.shape = memory, memory.shape
        self.program, self.saved, self.work, self.own = memory.new_program()
        self.taps: dict[str, Place] = {}
        self.matrices: dict[Matrix, Place] = {}

    def arrange_weights(self, transposed: bool) -> None:
        """Emit all weights in the order in which the kernels read them, into a phase by instructions."""
        memory = self.memory
        matrices = [*memory.preprocessing(0), *memory.preprocessing(1)]
        for source in range(self.shape.steps + 1):
            for group in self.shape.groups(source):
                for k in range(len(group.members)):
                    for conv in group.convolutions():
                        name = memory.result(group, k, conv.norm)
                        self.taps[name] = memory.arrange_taps(self.program, self.work, group, conv, k)
                        matrices.append(memory.pointwise(group, conv, k))
                    if group.is_reduction:
                        matrices += memory.reduction(group, k)
        for matrix in matrices:
            self.matrices[matrix] = memory.arrange_matrix(self.program, self.work, matrix, transposed)

    def mix(self, out: Place, pairs: list[tuple[Place, Place]], shift: Place, step: int, pixels: int) -> None:
        """Emit `out = sum_i x_i * scale_i + shift` of pairs (x, scale)."""
        self.program.emit(sums.mix, (out, shift), len(pairs), step, pixels)
        for pair in pairs:
            self.program.emit(None, pair)
