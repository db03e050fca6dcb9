"""Whether a reader yields again what it yielded before."""

from __future__ import annotations

from .readers import BatchLoader

__all__ = ["check_beginning", "mark_readers", "skip_taken"]


def mark_readers(*loaders):
    """Return, for each of the loaders by name, checksums of the first and latest batch of its epoch, and its length."""
    return {
        loader.name: {
            "first": loader.first_checksum,
            "latest": loader.checksum(),
            "longest": max(loader.longest, loader.taken),
        }
        for loader in loaders
        if isinstance(loader, BatchLoader)
    }


def skip_taken(batches, count, loaders, marks, warn):
    """Take `count` of the batches again; warn of each loader that does not end at the batch it ended at then.

    Args:
        batches: an iterator over batches of the loaders.
        count: how many steps were done before the search was interrupted.
        loaders: `BatchLoader` objects.
        marks: what `mark_readers` returned then.
        warn: called with a sentence.
    """
    for _ in range(count):
        if next(batches, None) is None:
            raise ValueError(f"a reader ended before the {count} batches that were taken before the interruption")
    for loader in loaders:
        compare_checksums(loader, loader.checksum(), marks[loader.name]["latest"], warn)


def compare_checksums(loader, now, then, warn):
    if now != then:
        warn(
            f"{loader.name} does not yield the batches it yielded before; the search continues, but will not end as it "
            "would have. Let the reader depend on nothing but the random numbers of Paddle, numpy and Python, or give "
            "it a method set_epoch(epoch)"
        )


def check_beginning(loader, then, warn):
    """Read the first batch of an epoch, and warn unless its checksum is what it was `then`."""
    iterator = iter(loader)
    next(iterator)
    iterator.close()
    compare_checksums(loader, loader.first_checksum, then, warn)
