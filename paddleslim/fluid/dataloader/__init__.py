"""`fluid.dataloader`: data sets, and how their samples are put together in batches."""

from .._absent import absent
from . import batch_sampler, dataset
from .batch_sampler import BatchSampler
from .dataset import Dataset

__all__ = ["BatchSampler", "Dataset", "batch_sampler", "dataset"]
__getattr__ = absent(__name__)
