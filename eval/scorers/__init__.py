"""Scorers: pure functions from a candidate, a case and a judge to scores."""
