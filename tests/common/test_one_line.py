from paddleslim.common.one_line import one_line


def test_what_an_error_says_in_several_lines_becomes_one():
    assert one_line(ValueError("  it fails\n\n  here:\tnow ")) == "it fails here: now"
    assert one_line(ValueError()) == ""
