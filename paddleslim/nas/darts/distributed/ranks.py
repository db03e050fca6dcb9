"""Everything that knows about ranks: the processes of a distributed launch that share one search.

Every rank holds the same alphas, weights and optimizer states, takes its share of the batches and averages its
gradients with those of the others, so that P ranks with batches of N compute what one computes with P * N.
"""

from __future__ import annotations

import hashlib
import pathlib
import random
import traceback
import zlib
from typing import Any

import numpy as np
import paddle
import paddle.distributed as dist

from ..data.batch import list_tensors
from ..state.parameters import frozen
from .launcher import watch_launcher
from .loopback import rendezvous_at_home
from .messages import decode, encode

__all__ = ["Ranks"]


class Ranks:
    """The ranks of this launch, or the one process there is.

    Args:
        use_data_parallel: False makes every process search by itself.

    Attributes:
        rank: of this process, from 0.
        count: how many ranks there are.
        collectives, bytes: operations over all ranks so far, and what each rank has put into them, but for those
            of Paddle's `DataParallel`.
    """

    def __init__(self, use_data_parallel=False):
        self.count = dist.get_world_size() if use_data_parallel else 1
        self.rank = dist.get_rank() if self.count > 1 else 0
        self.collectives = self.bytes = 0

    @property
    def is_first(self):
        """Whether this rank writes, logs and draws."""
        return self.rank == 0

    def connect(self):
        """Open the connections between the ranks, on the present device; once is enough."""
        if self.count > 1 and not dist.is_initialized():
            watch_launcher()
            with rendezvous_at_home():
                dist.init_parallel_env()

    def forget_failures(self, folder):
        """Remove what the ranks of an earlier search left in `folder`, see `explain`; call it before `start_equal`."""
        if self.count > 1 and self.is_first:
            for path in pathlib.Path(folder).glob("failed-rank-*.txt"):
                path.unlink()

    def wrap(self, model, others):
        """Return `model` so that a backward pass averages the gradients of its weights over the ranks.

        `others` are the parameters that get no gradient from such a pass: the alphas, and weights that the loss
        does not use. It is made once for each model.
        """
        if self.count == 1:
            return model
        if not hasattr(model, "data_parallel"):
            # Paddle cannot take the hooks of a DataParallel off again, so a model gets one for all its searches.
            with frozen(others):
                object.__setattr__(model, "data_parallel", paddle.DataParallel(model))
        return model.data_parallel

    @paddle.no_grad()
    def average(self, tensors):
        """Return the means over all ranks of these tensors, None for None; one all-reduce for each dtype.

        Every rank must call it with tensors of the same shapes, None in the same places.
        """
        if self.count == 1:
            return tensors
        means = list(tensors)
        for dtype in {str(t.dtype): t.dtype for t in tensors if t is not None}.values():
            indices = [i for i, t in enumerate(tensors) if t is not None and t.dtype == dtype]
            parts = [tensors[i] for i in indices]
            flat = paddle.concat([part.flatten() for part in parts])
            self._count(flat)
            dist.all_reduce(flat)
            pieces = (flat / self.count).split([part.size for part in parts])
            for i, piece in zip(indices, pieces):
                means[i] = piece.reshape(tensors[i].shape)
        return means

    @paddle.no_grad()
    def start_equal(self, model, alphas):
        """Give every rank the state dict and alphas of rank 0, and the random states that readers may use."""
        if self.count == 1:
            return
        registered = list(model.state_dict().values())
        stray = [alpha for alpha in alphas if all(alpha is not tensor for tensor in registered)]
        for tensor in registered + stray:
            self._count(tensor)
            dist.broadcast(tensor, src=0)
        states = self.gather((np.random.get_state(), random.getstate()))
        np.random.set_state(states[0][0])
        random.setstate(states[0][1])

    def iterate(self, *loaders):
        """Yield this rank's batches of the loaders, a tuple of one of each, as `zip` does.

        All ranks read the same batches, and each takes one of every `count`; a loader that yields a share already,
        as of a `DistributedBatchSampler`, is taken as it is. The iteration ends on all ranks at the same step, as soon
        as one of them has no batch left.

        Raises:
            RuntimeError: a loader yielded other batches on other ranks, so that an image for the validation of one
                rank may have trained another; found before the first step, and after the last.
        """
        if self.count == 1:
            yield from zip(*loaders)
            return
        checksums: tuple = ()
        shares = zip(*(self._share(loader) for loader in loaders))
        upcoming: Any = next(shares, None)
        all_have = self._ask(upcoming is not None)
        while all_have.item():
            present, upcoming = upcoming, next(shares, None)
            all_have = self._ask(upcoming is not None)  # answered while the step on `present` runs
            is_beginning = not checksums
            batches, checksums = zip(*present)
            if is_beginning:
                self._compare_batches(loaders, checksums)
            yield batches
        self._compare_batches(loaders, checksums)

    def _compare_batches(self, loaders, checksums):
        """Raise a RuntimeError unless each loader has yielded the same batches on all ranks; see `iterate`."""
        for loader, found in zip(loaders, zip(*self.gather(checksums))):
            if len(set(found)) > 1 and not is_share(loader):
                raise RuntimeError(
                    f"{loader.name} yielded other batches on other ranks, so that validation images of one rank may "
                    "have trained another; seed its shuffling and its split into training and validation images "
                    "alike on every rank"
                )

    def _share(self, loader):
        """Yield pairs of a batch for this rank and a checksum of all batches until then."""
        if is_share(loader):
            yield from ((batch, 0) for batch in loader)
            return
        checksum, mine = 0, None
        for number, batch in enumerate(loader):
            checksum = zlib.crc32(fingerprint(batch), checksum)
            if number % self.count == self.rank:
                mine = batch
            if number % self.count == self.count - 1:
                yield mine, checksum

    def _ask(self, answer):
        """Return a tensor that says whether the `answer` is yes on every rank."""
        answer = paddle.to_tensor([int(answer)], dtype="int32")
        self._count(answer)
        dist.all_reduce(answer, op=dist.ReduceOp.MIN)
        return answer

    def compare(self, named_tensors, epoch):
        """Raise a RuntimeError unless these tensors are the same on all ranks, bit-for-bit.

        Args:
            named_tensors: pairs of name and tensor.
            epoch: for the message.
        """
        if self.count == 1:
            return
        digests = [(name, digest(tensor)) for name, tensor in named_tensors]
        everyones = self.gather(digests)
        for mine in zip(*everyones):
            if len({found for _, found in mine}) > 1:
                raise RuntimeError(
                    f"after epoch {epoch} the ranks no longer agree on `{mine[0][0]}`; the search is stopped, since "
                    "its ranks would export different architectures"
                )

    def gather(self, value):
        """Return the `value` of every rank, in their order: of numbers, texts, arrays and containers."""
        if self.count == 1:
            return [value]
        content = np.frombuffer(encode(value), np.uint8)
        lengths: list = []
        dist.all_gather(lengths, paddle.to_tensor([content.size], dtype="int64"))
        sizes = [int(length.item()) for length in lengths]
        parts: list = []
        dist.all_gather(parts, paddle.to_tensor(np.pad(content, (0, max(sizes) - content.size))))
        return [decode(part.numpy().tobytes()[:size]) for part, size in zip(parts, sizes)]

    def explain(self, error, folder):
        """Leave word why this rank ends; return a better reason than `error`, where there is one, or None.

        A rank that raises tears the connection, and the others fail in their next operation with an error that
        says nothing; they read it in the file `failed-rank-<rank>.txt` of the first.
        """
        if self.count == 1:
            return None
        mine = pathlib.Path(folder) / f"failed-rank-{self.rank}.txt"
        for path in sorted(mine.parent.glob("failed-rank-*.txt"), key=lambda p: p.stat().st_mtime):
            if path != mine:
                return path.read_text(encoding="utf-8").strip()
        reason = "".join(traceback.format_exception_only(type(error), error)).strip()
        torn = "gloo" in reason.lower() or "nccl" in reason.lower()
        if torn:
            reason = f"the connection to another rank broke, which may have been killed; its log may say why ({reason})"
        text = f"rank {self.rank} of {self.count} failed first: {reason}"
        mine.write_text(text + "\n", encoding="utf-8")
        return text if torn else None

    def _count(self, tensor):
        self.collectives += 1
        self.bytes += tensor.size * tensor.element_size()


def is_share(batches):
    """Whether a reader gives each rank a part of the batches by itself."""
    source = getattr(batches, "source", batches)
    reader = getattr(source, "reader", source)
    if getattr(reader, "is_rank_share", False):
        return True
    return isinstance(getattr(source, "batch_sampler", None), paddle.io.DistributedBatchSampler)


def fingerprint(batch):
    """Return some bytes that differ between batches: all labels, and the first values of every image."""
    inputs, label = batch
    corners = [tensor.reshape([tensor.shape[0], -1])[:, :16] for tensor in list_tensors(inputs) if tensor.shape]
    parts = [*list_tensors(label), *corners]
    return b"".join(np.ascontiguousarray(part.numpy()).tobytes() for part in parts)


def digest(tensor):
    return hashlib.sha256(np.ascontiguousarray(tensor.numpy()).tobytes()).hexdigest()
