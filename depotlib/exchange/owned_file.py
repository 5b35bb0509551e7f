"""Files that only their owner reads, replaced in one step."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600


def write_for_owner(path: Path, rows: Sequence[object]) -> None:
    """Replace a file by rows as JSON, in one step: it is either the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        json.dump(rows, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
