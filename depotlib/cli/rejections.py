"""``depot rejections``: gives out rejected records, to be mended and imported again."""

from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.mend_rejections import rejected_file


def command(
    named: Annotated[str, typer.Argument(help="file as imported, its bare name, or its digest")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="file or folder to write to; default: here")
    ] = None,
) -> None:
    """Write the rejected records of an import as a file that can be imported once they are mended."""
    rejected = rejected_file(read_settings(), named=named)
    target = Path(rejected.name) if out is None else out
    if target.is_dir():
        target /= rejected.name
    target.write_text(rejected.text, encoding="utf-8")
    print_json(
        {
            "file": target,
            "records": rejected.count,
            "rejected": rejected.rejected,
            "reasons": [
                {"row": each.row, "reason": each.reason, "detail": each.detail}
                for each in rejected.reasons
            ],
        }
    )
