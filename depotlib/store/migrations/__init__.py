"""Numbered steps that bring a warehouse forward. A step that was released is never edited."""

from typing import Final

from depotlib.store.migrations import (
    m0001_what_happened,
    m0002_what_we_decide,
    m0003_what_exports_tell,
    m0004_imports_again,
    m0005_plans_stopped_early,
    m0006_own_sessions_site,
)
from depotlib.store.migrations.migration import Migration

MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(1, m0001_what_happened.SQL),
    Migration(2, m0002_what_we_decide.SQL),
    Migration(3, m0003_what_exports_tell.SQL),
    Migration(4, m0004_imports_again.SQL),
    Migration(5, m0005_plans_stopped_early.SQL),
    Migration(6, m0006_own_sessions_site.SQL),
)

__all__ = ["MIGRATIONS", "Migration"]
