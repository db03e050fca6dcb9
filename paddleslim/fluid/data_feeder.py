"""`fluid.data_feeder`: checks of arguments; feeding itself belonged to static graphs."""

from ._absent import absent
from .layers.utils import check_dtype, check_type, check_variable_and_dtype, convert_dtype

__all__ = ["check_dtype", "check_type", "check_variable_and_dtype", "convert_dtype"]
__getattr__ = absent(__name__)
