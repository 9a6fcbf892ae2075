"""Batches: many sources, one outcome each, paid once."""
