"""The discrete network of a genotype: built, measured, exported."""
