import click
import pytest

from paddleslim.nas.darts.commands.typed import ask_for_typed, remember_typed, suggest_path

pytestmark = pytest.mark.any_paddle


def test_names_are_compared_without_their_folder_and_ending(tmp_path):
    for name in ("costs.json", "trained", "other.npz"):
        (tmp_path / name).touch()
    assert suggest_path(tmp_path / "cost.yaml") == f" Did you mean {str(tmp_path / 'costs.json')!r}?"
    assert suggest_path(tmp_path / "trainde") == f" Did you mean {str(tmp_path / 'trained')!r}?"
    for path in ("missing.npz", "trained", "gone/trained"):
        assert suggest_path(tmp_path / path) == ""


@pytest.mark.parametrize(
    ("error", "typed"),
    [
        (FileNotFoundError(2, "No such file or directory", "runs/../file.py"), True),
        (FileNotFoundError("a b holds no settings.json; name another"), True),
        (FileExistsError(17, "File exists", "there"), True),
        (FileNotFoundError(2, "No such file or directory", "runs/checkpoints"), False),
        (FileNotFoundError("a b names files that are not there"), False),
        (PermissionError(13, "Permission denied", "there"), False),
        (ValueError("a b holds no settings.json"), False),
    ],
)
def test_an_error_is_about_what_was_typed_where_that_is_not_there_or_of_another_kind(error, typed):
    context = click.Context(click.Command("it"))
    remember_typed(context, ["it", "a b", "--space=file.py:NAME", "there"])
    assert (ask_for_typed(error, context) is not None) == typed
