"""Store: the warehouse, by connections that live for one `with` block. Frames out.

The only door to the DuckDB file.
"""
