"""Drafts as a store keeps them: their JSON, compressed to a fifth."""

import hashlib
import zlib

from schemas.draft import Draft


def pack_draft(draft_json: str) -> bytes:
    """The JSON of a draft as bytes to keep."""
    return zlib.compress(draft_json.encode("utf-8"), level=1)


def unpack_draft(packed: bytes) -> str:
    """The JSON of a draft from the bytes that were kept."""
    return zlib.decompress(packed).decode("utf-8")


def content_sha256(draft: Draft) -> str:
    """The digest of what a draft says of which bytes, however and whenever its answers came."""
    told = hashlib.sha256(f"{draft.provenance.source_sha256} {draft.provenance.passages_sha256}".encode())
    for artefact in (draft.consumer, draft.legal, draft.risk):
        told.update(artefact.model_dump_json().encode("utf-8"))
    return told.hexdigest()
