"""Sessions at the depot's own stations say at which site: they carry the depot's name."""

from typing import Final

SQL: Final = """
UPDATE session SET site = (
    SELECT arg_max(document, version)->>'$.name' FROM document
    WHERE kind = 'depot' AND document_id = (
        SELECT value FROM setting WHERE name = 'active depot'
    )
)
WHERE source = 'journal' AND site IS NULL;
"""
