"""What the registries said when a draft was made, as one digest."""

import hashlib
from functools import lru_cache

from pipeline.registry.data_files import DATA_FILES, read_bytes


@lru_cache(maxsize=1)
def registry_sha256() -> str:
    """Digest of every data file with its name: any edit of the law, the decisions or the taxonomy changes it."""
    digest = hashlib.sha256()
    for name in sorted(DATA_FILES):
        data = read_bytes(name)
        digest.update(f"{name}\n{len(data)}\n".encode("ascii"))
        digest.update(data)
    return digest.hexdigest()
