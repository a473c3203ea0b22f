"""What a PyTorch module says of its input when it is made: sizes that the input must have then."""

from __future__ import annotations

from paramdesk.engine.errors import Refusal
from paramdesk.engine.layer_kind import Tensors
from paramdesk.engine.shape import UNKNOWN, Dim, Shape, TensorSpec, is_known, text


def refuse_undeclared(
    declared: int, found: Dim, what: str, x: TensorSpec, option: str = "declared", mended: object = None
) -> None:
    """Refuses an input of another size than the layer was made for.

    Args:
        declared: the size it was made for.
        found: the size that the input has.
        what: is counted ("input channels").
        x: the input.
        option: which of the layer's options said it.
        mended: what it should say; None: the size that the input has.

    Raises:
        Refusal: the two are known and differ.
    """
    if is_known(found) and found != declared:
        repair: dict[str, object] = {option: found if mended is None else mended}
        raise Refusal(
            f"it was made for {declared} {what}, but the input {text(x.shape)} has {found}", option, (repair,)
        )


def declared_spec(declared: int | None, space: Shape = ()) -> Tensors:
    """A stand-in for an input of which only the channels are known; nothing where these are not.

    Args:
        declared: the channels.
        space: the other sizes after the batch, which stand behind the channels.
    """
    if declared is None:
        return ()
    return (TensorSpec((UNKNOWN, declared, *space), layout="channels_first", framework="pytorch"),)
