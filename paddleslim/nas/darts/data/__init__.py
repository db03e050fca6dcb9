"""Data sets as arrays, split, augmented and read in batches."""

from typing import TYPE_CHECKING

from ....lazy import lazy_names

if TYPE_CHECKING:
    from .arrays import load_arrays
    from .augmentation import Augmentation, crop_randomly, cut_out, flip_randomly, normalise
    from .batches import Batches, ShuffledBatches
    from .datasets import DATASETS, load_dataset, load_digits
    from .images import Dataset, Images, split

__all__ = [
    "DATASETS",
    "Augmentation",
    "Batches",
    "Dataset",
    "Images",
    "ShuffledBatches",
    "crop_randomly",
    "cut_out",
    "flip_randomly",
    "load_arrays",
    "load_dataset",
    "load_digits",
    "normalise",
    "split",
]

__getattr__, __dir__ = lazy_names(__name__)
