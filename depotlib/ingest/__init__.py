"""Ingest: one file a source, which recognises, reads and maps; then `normalise` and `report`.

Only `scan` may use DuckDB here, in memory, to read and judge big files.
"""
