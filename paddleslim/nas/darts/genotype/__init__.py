"""Genotypes: their types, their files, how they are read from alphas, and published ones."""
