"""The nouns every room shares: frozen dataclasses and frame schemas, without I/O.

Only `frames` may import dataframely. Nothing here opens a file, waits, or reads a clock.
"""
