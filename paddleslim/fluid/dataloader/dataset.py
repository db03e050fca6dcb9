"""`fluid.dataloader.dataset`: samples by number."""

from paddle.io import Dataset

from .._absent import absent

__all__ = ["Dataset"]
__getattr__ = absent(__name__)
