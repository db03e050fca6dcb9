"""What each component of a run gives to a checkpoint: a dictionary of arrays, and of what JSON can say."""

from __future__ import annotations

import numpy as np
import paddle

from .checkpoint import Checkpoint
from .parameters import has_memory
from .schema import NUMBER, shorten

__all__ = ["ModelState", "OptimizerState", "check_kinds", "name_tensors", "pack", "unpack"]


def pack(states):
    """Return the `Checkpoint` of a dictionary of components' states; arrays are named `<component>/<name>`."""
    arrays, record = {}, {}
    for component, state in states.items():
        is_array = {name: isinstance(value, np.ndarray) for name, value in state.items()}
        arrays.update({f"{component}/{name}": value for name, value in state.items() if is_array[name]})
        record[component] = {name: value for name, value in state.items() if not is_array[name]}
    return Checkpoint(arrays, record)


def unpack(checkpoint):
    """Return the dictionary of components' states that `pack` was given."""
    states = {component: dict(state) for component, state in checkpoint.record.items()}
    for path, array in checkpoint.arrays.items():
        component, _, name = path.partition("/")
        states[component][name] = array
    return states


def check_kinds(component, state, present):
    """Raise a ValueError where an entry of a saved state is of another kind than the component's own.

    Args:
        component: its name, for the message.
        state: what was saved; what it lacks is not looked at.
        present: what the component's `get_state` returns now; None may become anything.
    """
    for name, value in present.items():
        then = state.get(name, value)
        is_number = isinstance(value, NUMBER), isinstance(then, NUMBER)
        if (value is not None and is_number[0] != is_number[1]) or not (is_number[0] or like(then, value)):
            raise ValueError(f"`{component}.{name}` is {shorten(then)} there and {shorten(value)} here")


def like(then, value):
    # in scripts for fluid an array may be of a class of its own
    kind = next((kind for kind in ((list, tuple), np.ndarray) if isinstance(value, kind)), type(value))
    return value is None or isinstance(then, kind)


def check_fit(name, array, tensor):
    """Raise a ValueError unless an array of a checkpoint is one of this tensor of the model."""
    own = tensor.numpy()
    for what, then, now in (
        ("of shape", list(array.shape), list(own.shape)),
        ("of type", array.dtype, own.dtype),
    ):
        if then != now:
            raise ValueError(f"the checkpoint is of another model: `{name}` is {what} {then} there and {now} here")


class ModelState:
    """Parameters, buffers and further tensors of a model.

    Args:
        tensors: what `name_tensors` returns.
    """

    def __init__(self, tensors):
        self.tensors = tensors

    def get_state(self):
        return {name: tensor.numpy() for name, tensor in self.tensors.items()}

    def check_state(self, state):
        """Raise a ValueError that names the first tensor that differs from the saved ones."""
        for name, tensor in self.tensors.items():
            if name not in state:
                raise ValueError(f"the checkpoint is of another model: it holds no `{name}`")
            check_fit(name, state[name], tensor)
        for name in state:
            if name not in self.tensors:
                raise ValueError(f"the checkpoint is of another model: `{name}` is in it and not in this model")

    def set_state(self, state):
        for name, tensor in self.tensors.items():
            tensor.set_value(state[name])


class OptimizerState:
    """The tensors of an optimizer, named `<parameter>/<what>`, such as `stem.weight/velocity`.

    Args:
        optimizer: of Paddle; it has not stepped yet when its state is set.
        tensors: the model's, by name.
    """

    def __init__(self, optimizer, tensors):
        self.optimizer, self.tensors = optimizer, tensors

    def get_state(self):
        arrays = {name: tensor.numpy() for name, tensor in self.name_states().items()}
        stateless = {"stateless": True} if isinstance(self.optimizer, paddle.optimizer.SGD) else {}
        return {"of": sorted({name.rpartition("/")[0] for name in arrays}), **stateless, **arrays}

    def name_states(self):
        """Return the optimizer's tensors by our names.

        Paddle names them '<its own name of the parameter>_<what>_<number>', different in each process.
        """
        names = {tensor.name: name for name, tensor in self.tensors.items()}
        found = {}
        for key, value in self.optimizer.state_dict().items():
            if isinstance(value, paddle.Tensor):
                owner = max((name for name in names if key.startswith(name + "_")), key=len, default=None)
                if owner is None:  # of a parameter of no number at all
                    continue
                found[f"{names[owner]}/{key[len(owner) + 1 :].rpartition('_')[0]}"] = value
        return found

    def check_state(self, state):
        """Raise a ValueError unless each array is one of a parameter: of its shape, or a single number."""
        for name, array in state.items():
            if isinstance(array, np.ndarray):
                tensor = self.tensors.get(name.rpartition("/")[0])
                if tensor is None:
                    raise ValueError(f"the checkpoint is of another model: it holds `{name}`, of no parameter here")
                if array.size != 1 and list(array.shape) != list(tensor.shape):
                    raise ValueError(
                        f"`{name}` is of shape {list(array.shape)} there, and the parameter of {list(tensor.shape)}"
                    )
        unknown = sorted(set(state["of"]) - set(self.tensors))
        if unknown:
            raise ValueError(f"the checkpoint is of another model: `{unknown[0]}` is in it and not in this model")

    def set_state(self, state):
        """Take `state` back; the parameters move, and must be set afterwards.

        An optimizer makes its tensors in its first step; so it takes one, from gradients of zero.
        """
        if not state["of"]:
            return
        for name in state["of"]:
            self.tensors[name].grad = paddle.zeros_like(self.tensors[name])
        self.optimizer.step()
        self.optimizer.clear_grad(set_to_zero=False)
        for name, tensor in self.name_states().items():
            if name not in state:
                raise ValueError(f"the checkpoint is of another optimizer: it holds no `{name}`")
            check_fit(name, state[name], tensor)
            tensor.set_value(state[name])


def name_tensors(model, further=()):
    """Return parameters, buffers and further tensors of `model` by name, each once.

    Args:
        model: a layer.
        further: pairs of name and tensor that need not be registered, such as alphas.
    """
    named = dict(model.named_parameters())
    named.update(model.named_buffers())
    registered = {id(tensor) for tensor in named.values()}
    named.update({name: tensor for name, tensor in further if id(tensor) not in registered})
    return {name: tensor for name, tensor in named.items() if tensor is not None and has_memory(tensor)}
