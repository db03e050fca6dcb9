"""The operators of graphs: each with its forward kernels and its adjoint."""
