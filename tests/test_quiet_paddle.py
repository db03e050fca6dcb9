import importlib
import warnings

from paddleslim import quiet_paddle


def test_advice_on_compilers_is_left_out_and_no_other_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        importlib.reload(quiet_paddle)
        warnings.warn("No ccache found. Please be aware", stacklevel=1)
        warnings.warn("another", stacklevel=1)
    assert [str(warning.message) for warning in caught] == ["another"]
