"""`fluid.dygraph.dygraph_to_static`: functions run as they are written; the translation is today's."""

from ..._absent import absent
from .program_translator import ProgramTranslator

__all__ = ["ProgramTranslator"]
__getattr__ = absent(__name__)
