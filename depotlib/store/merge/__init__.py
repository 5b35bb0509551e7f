"""What is new in an import, merged into the tables; `imports` says what counts as new.

A merge reads the frame that `register` made visible as ``incoming_…``, changes its table, leaves
the source rows of which something was stored in a temporary table ``…_winner`` and returns what
is worth knowing.

A table gets one INSERT a transaction and no more: DuckDB 2.0.0 loses, silently, the rows of a
large INSERT … SELECT that follows one of no rows into the same table (seen in memory and on disk,
``count(*)`` still right, every scan empty, also after the commit).
"""
