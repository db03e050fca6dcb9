"""A table of the truth: every cell of a small space of images trained, to judge searches by."""
