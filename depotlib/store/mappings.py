"""Column mappings that a person confirmed, remembered by the header they were made for."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.errors import StoreMissingError
from depotlib.model.column_mapping import ColumnMapping, mapping_from_json, mapping_to_json
from depotlib.store.document import DocumentKind, document, document_ids, save_document

KIND: Final[DocumentKind] = "mapping"


def header_digest(header: Sequence[str]) -> str:
    """Return what tells one header from another: the SHA-256 of its names, in any order."""
    return hashlib.sha256("\x1f".join(sorted(header)).encode()).hexdigest()


def save_mapping(path: Path, mapping: ColumnMapping, *, saved_at: datetime) -> int:
    """Return the version under which the mapping of its header now stands."""
    return save_document(
        path,
        KIND,
        document_id=header_digest(mapping.header),
        text=mapping_to_json(mapping),
        saved_at=saved_at,
    )


def mappings(path: Path) -> tuple[ColumnMapping, ...]:
    """Return the latest version of every mapping, by name; none without a warehouse."""
    try:
        texts = [document(path, KIND, document_id=one) for one in document_ids(path, KIND)]
    except StoreMissingError:
        return ()
    found = [mapping_from_json(text, where=str(path)) for text in texts if text is not None]
    return tuple(sorted(found, key=lambda mapping: mapping.name))
