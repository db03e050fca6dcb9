"""Work on all tensors of a model at once: by one program of the kernels where they can, else by Paddle's operators."""

from __future__ import annotations

import math
from collections.abc import Sequence

import paddle
from paddle.nn import clip

from .choice import addresses_of, are_plain, check_floats, installed, is_plain

__all__ = ["Snapshot", "TensorLists", "scale_all", "sum_of_squares"]

NAMES = {paddle.float32: "float32", paddle.float64: "float64"}


class Snapshot:
    """Copies of tensors, to put these back to or to move them away from.

    Args:
        tensors: of any types and shapes, which they have to keep.
        lists: the same tensors as lists that are current, if there are any.
    """

    @paddle.no_grad()
    def __init__(self, tensors: Sequence[paddle.Tensor], lists: TensorLists | None = None):
        lists = lists or TensorLists(tensors)
        self._count = len(tensors)
        self._others = [(k, tensors[k], tensors[k].clone()) for k in lists.others]
        self._lists = []
        for known in lists.known:
            from .foreach_programs import copying

            copies = paddle.empty([sum(known.lengths)], known.dtype)
            copying(known.lengths, known.dtype)(addresses_of([copies], copies.dtype) + known.addresses)
            self._lists.append((known, copies))

    @paddle.no_grad()
    def copies(self) -> list[paddle.Tensor]:
        """Return what the tensors were, in the order in which they were given."""
        found = {k: copy for k, _, copy in self._others}
        for known, copies in self._lists:
            parts = paddle.split(copies, list(known.lengths))
            found.update((k, part.reshape(t.shape)) for k, t, part in zip(known.places, known.tensors, parts))
        return [found[k] for k in range(self._count)]

    def restore(self) -> None:
        """Put every tensor back, in place and bit-for-bit."""
        self.move([None] * self._count, 0.0)

    @paddle.no_grad()
    def move(self, directions: Sequence[paddle.Tensor | None], factor: float | paddle.Tensor) -> None:
        """Make every tensor copy + factor * direction, in place.

        Args:
            directions: one for each tensor, of its type and shape; None for none.
            factor: a number, or a tensor of one element.
        """
        for known, copies in self._lists:
            from .foreach_programs import moving

            own = [directions[k] for k in known.places]
            program = moving(known.lengths, tuple(d is not None for d in own), known.dtype)
            behind = [in_type(d, known.dtype).contiguous() for d in own if d is not None]
            known.run(program, [copies, as_operand(factor, known.dtype)], behind)
        for k, tensor, copy in self._others:
            if directions[k] is None:
                paddle.assign(copy, tensor)
                continue
            check_floats(tensor, "Snapshot.move", halves=True)
            wide = wide_type(tensor)
            moved = copy.astype(wide) + as_operand(factor, wide) * in_type(directions[k], wide)
            paddle.assign(moved.reshape(tensor.shape).astype(tensor.dtype), tensor)


@paddle.no_grad()
def sum_of_squares(tensors: Sequence[paddle.Tensor], lists: TensorLists | None = None) -> paddle.Tensor:
    """Return the sum of the squares of all numbers in the tensors, float32 `[]`, or float64 if the first is of that.

    Gradients of few rows, as those of sparse embeddings, and sparse tensors count with the numbers they hold.

    Args:
        tensors: of any types and shapes.
        lists: the same tensors as lists, if there are any.
    """
    if lists is None:
        tensors = [values_of(tensor) for tensor in tensors]
        tensors = [paddle.as_real(t) if t.is_complex() else t for t in tensors]  # |z|^2 = re^2 + im^2
        lists = TensorLists(tensors)
    dtype = "float64" if tensors[0].dtype == paddle.float64 else "float32"
    sums = [in_type(tensors[k], dtype).square().sum() for k in lists.others]
    for known in lists.known:
        from .foreach_programs import SIMD_WIDTH, squaring

        parts = paddle.empty([len(known.tensors) * SIMD_WIDTH], known.dtype)
        known.run(squaring(known.lengths, known.dtype), [parts])
        sums.append(in_type(parts.sum(), dtype))
    return paddle.add_n(sums)


@paddle.no_grad()
def scale_all(tensors: Sequence[paddle.Tensor], factor: paddle.Tensor, lists: TensorLists | None = None) -> None:
    """Multiply all tensors, in place, by a tensor of one element; `lists` are those of `sum_of_squares`."""
    lists = lists or TensorLists(tensors)
    for known in lists.known:
        from .foreach_programs import scaling

        known.run(scaling(known.lengths, known.dtype), [as_operand(factor, known.dtype)])
    for k in lists.others:
        check_floats(tensors[k], "scale_all", halves=True)
        scaled = tensors[k].astype(wide_type(tensors[k])) * factor.astype(wide_type(tensors[k]))
        paddle.assign(scaled.astype(tensors[k].dtype), tensors[k])


class TensorLists:
    """Tensors as a list of each type that the kernels can work on, and the numbers of the others.

    Args:
        tensors: of any types and shapes.
    """

    def __init__(self, tensors: Sequence[paddle.Tensor]):
        self.known, self.others = lists_by_type(tensors)

    def is_current(self) -> bool:
        """Return whether all tensors of the lists are where they were, of the same types and shapes."""
        return all(known.is_current() for known in self.known)


class KnownList:
    """Tensors of one type that the kernels can work on.

    Args:
        dtype: 'float32' or 'float64'.
        places: numbers of the tensors in the list that they are taken from.
        tensors: in the same order.

    Attributes:
        addresses: of the tensors, when the list was made.
    """

    def __init__(self, dtype: str, places: list[int], tensors: list[paddle.Tensor]):
        self.dtype, self.places, self.tensors = dtype, places, tensors
        self._seen = look_at(tensors)
        self.addresses = [address or 0 for address in self._seen[0]]  # an empty tensor may have none
        self.lengths = tuple(map(math.prod, self._seen[1]))

    def is_current(self) -> bool:
        """Return whether all tensors are where they were, of the same types and shapes."""
        return look_at(self.tensors) == self._seen

    def run(self, program, before, behind=()):
        """Run a program on these tensors and others."""
        dtype = self.tensors[0].dtype
        own = self.addresses if self.is_current() else addresses_of(self.tensors, dtype)
        program([*addresses_of(before, dtype), *own, *addresses_of(behind, dtype)])


def look_at(tensors: Sequence[paddle.Tensor]) -> tuple[list, ...]:
    """Return the addresses, shapes and types of tensors, and whether they are contiguous, at little cost for each."""
    kind = paddle.Tensor
    readers = kind.data_ptr, kind.shape.__get__, kind.dtype.__get__, kind.is_contiguous
    return tuple(list(map(reader, tensors)) for reader in readers)


def lists_by_type(tensors: Sequence[paddle.Tensor]) -> tuple[list[KnownList], list[int]]:
    """Return what the kernels can work on as a list for each type, and the numbers of the other tensors."""
    found: dict[str, list[int]] = {}
    others = []
    if tensors and all(isinstance(tensor, paddle.Tensor) for tensor in tensors):
        dtype = NAMES.get(tensors[0].dtype)
        if dtype and are_plain(tensors, tensors[0].dtype) and all(t.is_contiguous() for t in tensors) and installed():
            return [KnownList(dtype, list(range(len(tensors))), list(tensors))], []
    for k, tensor in enumerate(tensors):
        if not isinstance(tensor, paddle.Tensor):
            raise TypeError(f"the kernels take tensors, got {type(tensor).__name__}")
        dtype = NAMES.get(tensor.dtype)
        if not is_plain(tensor):
            raise TypeError(f"a tensor of shape {list(tensor.shape)} is sparse; make it dense, `.to_dense()`, first")
        if dtype and tensor.place.is_cpu_place() and tensor.is_contiguous() and installed():
            found.setdefault(dtype, []).append(k)
        else:
            others.append(k)
    return [KnownList(dtype, places, [tensors[k] for k in places]) for dtype, places in found.items()], others


def values_of(tensor: paddle.Tensor) -> paddle.Tensor:
    """Return the numbers that a tensor holds, each place once, as a dense tensor."""
    if not isinstance(tensor, paddle.Tensor):
        raise TypeError(f"the kernels take tensors, got {type(tensor).__name__}")
    if is_plain(tensor):
        return tensor
    if tensor.is_selected_rows():
        return clip.get_tensor_from_selected_rows(clip.merge_selected_rows(tensor))
    return tensor.coalesce().values() if tensor.is_sparse_coo() else tensor.values()


def wide_type(tensor: paddle.Tensor) -> str:
    """Return the type in which a tensor is computed with: Paddle has few operators of 16 bits on the CPU."""
    return "float64" if tensor.dtype == paddle.float64 else "float32"


def in_type(tensor: paddle.Tensor, dtype: str) -> paddle.Tensor:
    """Return the tensor in a type, 'float32' or 'float64'."""
    return tensor if NAMES.get(tensor.dtype) == dtype else tensor.astype(dtype)


def as_operand(factor: float | paddle.Tensor, dtype: str) -> paddle.Tensor:
    """Return a number or a tensor of one element as a tensor `[1]`."""
    return paddle.to_tensor([factor.item() if isinstance(factor, paddle.Tensor) else factor], dtype)
