"""Names of an earlier layout; use ``pipeline.store.sqlite``."""

from pipeline.store.sqlite import IN_MEMORY
from pipeline.store.sqlite import SqliteStore as StageStore

__all__ = ["IN_MEMORY", "StageStore"]
