"""A batch on several machines: one PostgreSQL for the store and the queue, and workers that take items from it."""
