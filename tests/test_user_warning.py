import warnings

from paddleslim.user_warning import warn_user


def test_a_warning_points_at_the_line_that_led_to_it():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_user("mind the step")
    assert [(str(w.message), w.filename) for w in caught] == [("mind the step", __file__)]
