"""Runs whose requests go through the batches of a provider."""
