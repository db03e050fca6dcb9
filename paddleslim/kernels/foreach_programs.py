"""Programs over lists of tensors, an instruction for each tensor.

Each function takes the tensors' lengths and their type, 'float32' or 'float64', and returns the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from . import elementwise
from .executor import CompiledProgram
from .program import Operand, Program
from .simd import SIMD_WIDTH

__all__ = ["SIMD_WIDTH", "copying", "moving", "scaling", "squaring"]


def begin(tensors: int) -> Program:
    program = Program(images=1, tensors=tensors)
    program.phase(by_images=False)
    return program


def pieces(lengths: tuple[int, ...]) -> Iterator[tuple[int, Operand, int]]:
    """Yield number, place in the first tensor, and length of copies that stand there one behind the other."""
    for k, (end, length) in enumerate(zip(accumulate(lengths), lengths)):
        yield k, Operand(0, end - length), length


@lru_cache(maxsize=32)
def copying(lengths: tuple[int, ...], dtype: str) -> CompiledProgram:
    """The program of (copies, *tensors), which writes the copies."""
    program = begin(1 + len(lengths))
    for k, copy, length in pieces(lengths):
        program.emit(elementwise.assign, (copy, Operand(1 + k)), length)
    return CompiledProgram(program, dtype)


@lru_cache(maxsize=32)
def moving(lengths: tuple[int, ...], directed: tuple[bool, ...], dtype: str) -> CompiledProgram:
    """The program of (copies, factor, *tensors, *directions), which writes copy + factor * direction to the tensors.

    `directed` tells which of the tensors have a direction; the others become their copies.
    """
    program, direction = begin(2 + len(lengths) + sum(directed)), 2 + len(lengths)
    for k, copy, length in pieces(lengths):
        if directed[k]:
            program.emit(elementwise.add_scaled, (Operand(2 + k), copy, Operand(direction), Operand(1)), length)
            direction += 1
        else:
            program.emit(elementwise.assign, (Operand(2 + k), copy), length)
    return CompiledProgram(program, dtype)


@lru_cache(maxsize=32)
def scaling(lengths: tuple[int, ...], dtype: str) -> CompiledProgram:
    """The program of (factor, *tensors), which multiplies the tensors."""
    program = begin(1 + len(lengths))
    for k, length in enumerate(lengths):
        program.emit(elementwise.scale, (Operand(1 + k), Operand(0)), length)
    return CompiledProgram(program, dtype)


@lru_cache(maxsize=32)
def squaring(lengths: tuple[int, ...], dtype: str) -> CompiledProgram:
    """The program of (sums, *tensors), which writes `SIMD_WIDTH` partial sums of squares for each tensor."""
    program = begin(1 + len(lengths))
    for k, length in enumerate(lengths):
        program.emit(elementwise.squares, (Operand(1 + k), Operand(0, k * SIMD_WIDTH)), length)
    return CompiledProgram(program, dtype)
