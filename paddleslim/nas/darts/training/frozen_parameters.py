"""Which parameters of a task are held constant: as a run began, and as a checkpoint was saved."""

from __future__ import annotations

__all__ = ["FrozenParameters"]


class FrozenParameters:
    """The parameters that are held constant as a `train()` begins.

    Args:
        task: the `Task` whose parameters they are.
    """

    def __init__(self, task):
        self.task = task
        self.at_first = self.at_start = self._list()  # as the run began, and as this `train()` did: names

    def _list(self):
        return sorted(name for name, parameter in self.task.named_parameters().items() if parameter.stop_gradient)

    def describe_unfrozen(self):
        """Return a sentence about each parameter that is in no optimizer, since it was let go after they were made.

        Each is named once.
        """
        held = {id(parameter) for parameter in self.task.trained_parameters()}
        parameters = self.task.named_parameters()
        free = [name for name in self.at_start if name in parameters and not parameters[name].stop_gradient]
        self.at_start = [name for name in self.at_start if name not in free]
        return [
            f"`{name}` was frozen when the {self.task.name} began, so it is not trained in it; let it go "
            "before train(), and freeze it in on_search_begin"
            for name in free
            if id(parameters[name]) not in held
        ]

    def get_state(self):
        """Return the names of those that were frozen as the run began, and of those that are now."""
        return [self.at_first, self._list()]

    def set_state(self, state):
        """Hold constant, or let go, what was so changed between the first step and a saved state."""
        first, then = state
        self.at_first = first
        parameters = self.task.named_parameters()
        for name in set(first) ^ set(then):
            if name in parameters:
                parameters[name].stop_gradient = name in then
