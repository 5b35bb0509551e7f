"""What importing a kept file again takes: how it was read, and which import made a document."""

from typing import Final

SQL: Final = """
ALTER TABLE ingest_file ADD COLUMN options_json VARCHAR DEFAULT '{}';
ALTER TABLE document ADD COLUMN import_no INTEGER;
"""
