"""Plans say whether somebody stopped the search for them."""

from typing import Final

SQL: Final = """
ALTER TABLE plan ADD COLUMN is_stopped_early BOOLEAN DEFAULT false;
"""
