"""Whether what a criterion or a supernet returns is a loss."""

from __future__ import annotations

import paddle

__all__ = ["check_dependence", "check_loss", "describe_own_parameters"]


def check_loss(loss, what, each_sample=False):
    """Return a loss, or raise a TypeError unless it is a tensor of one number of a type that has gradients.

    Args:
        loss: what was returned.
        what: by whom, for the message.
        each_sample: whether it may have one number for each sample too, whose gradient is that of their sum.
    """
    if not isinstance(loss, paddle.Tensor):
        got = f"a {type(loss).__name__}" if loss is not None else "nothing"
        raise TypeError(f"{what} must return the loss as a tensor of one number, and returned {got}")
    kind = str(loss.dtype).rpartition(".")[2]
    if loss.size != 1 and not (each_sample and loss.size == loss.shape[0]):
        remedy = "take its mean()"
        raise TypeError(f"{what} must return a loss of one number, and returned shape {list(loss.shape)}; {remedy}")
    if "float" not in kind:
        raise TypeError(f"{what} must return a loss of floats, which have gradients, and returned {kind}")
    return loss


def check_dependence(loss, what):
    """Raise a ValueError where a loss, made while gradients are kept, depends on no parameter."""
    if loss.stop_gradient:
        raise ValueError(
            f"{what} returned a loss that depends on no parameter; compute it from the outputs by Paddle's operators, "
            "without detach(), numpy() or no_grad"
        )


def describe_own_parameters(criterion, model):
    """Return a sentence about parameters that a criterion has beside those of the model; None if it has none."""
    layer = criterion if isinstance(criterion, paddle.nn.Layer) else getattr(criterion, "__self__", None)
    if not isinstance(layer, paddle.nn.Layer):
        return None
    known = {id(parameter) for parameter in model.parameters()}
    own = [name for name, p in layer.named_parameters() if not p.stop_gradient and id(p) not in known]
    if not own:
        return None
    return (
        f"criterion has {len(own)} parameters that the model has not, `{own[0]}` first: no checkpoint holds them, and "
        "nothing trains them unless weight_optimizer does; make the criterion a part of the model, self.criterion = "
        "criterion, or freeze them by stop_gradient=True"
    )
