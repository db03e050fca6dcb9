from paddleslim.common.csv_cells import as_cell, as_cells


def test_what_a_spreadsheet_would_compute_is_a_text():
    assert [as_cell(value) for value in ("=1+1", "@x", "-a", "\tb")] == ["'=1+1", "'@x", "'-a", "'\tb"]
    assert as_cells({"class": "+cats", "n": 1}) == {"class": "'+cats", "n": 1}


def test_numbers_and_other_texts_stay():
    for value in (-1.5, None, "-1.5", "+2", "cat", "a=b", ""):
        assert as_cell(value) == value
