"""Functions of variables that both `fluid.dygraph` and `fluid.layers` are made of."""
