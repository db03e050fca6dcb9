"""`fluid.dygraph.dygraph_to_static.program_translator`: the switch of the translation, which has no effect here."""

from __future__ import annotations

from ..._absent import absent, static_graph_error

__all__ = ["ProgramTranslator"]


class ProgramTranslator:
    """The one translator of functions into static graphs; here they run as they are written, switched on or off."""

    _instance: ProgramTranslator | None = None

    def __new__(cls, *args, **kwargs):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance.enable_declarative = True
        return cls._instance

    enable_declarative: bool

    @classmethod
    def get_instance(cls):
        """Return the translator."""
        return cls()

    @classmethod
    def reset(cls):
        """Switch the translation on, as it is at first."""
        cls().enable(True)

    def enable(self, enable_declarative):
        """Take note of the switch: functions run as they are written either way."""
        self.enable_declarative = bool(enable_declarative)

    def get_output(self, dygraph_func, *args, **kwargs):
        """Return what the function returns."""
        return dygraph_func(*args, **kwargs)

    def get_func(self, dygraph_func):
        """Return the function itself."""
        return dygraph_func

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise static_graph_error(f"ProgramTranslator.{name}")


__getattr__ = absent(__name__)
