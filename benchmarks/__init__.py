"""Measurements that README and benchmarks/README.md quote; ``make benchmark`` runs them."""
