"""Tariffs in depotlib's own form (TOML), kept word for word as documents.

A row is one file: one tariff, with its versions. One that cannot be billed is rejected whole.
"""

import re
from typing import Final

from depotlib.errors import TariffError
from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.record import RAW_CHARACTERS
from depotlib.ingest.source import (
    NOT_MINE,
    Conventions,
    ReadOptions,
    Recognition,
    SourceDocument,
    SourceRows,
)
from depotlib.model.import_report import Finding, Rejection
from depotlib.tariffs.tariff_file import FORM, tariff_from_toml

_FORM_LINE: Final = re.compile(rf'^form\s*=\s*"{re.escape(FORM)}"', re.MULTILINE)


class TariffFile:
    """Reads tariffs in our own form."""

    name = "tariff_file"
    title = "tariff in depotlib's own form (TOML)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the file says that it is of this form."""
        if _FORM_LINE.search(sample.text) is None:
            return NOT_MINE
        return Recognition(1.0, f"it says that its form is {FORM!r}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the tariff of a file, or its rejection."""
        del options
        conventions = Conventions(None, "unknown", "", ())
        try:
            tariff = tariff_from_toml(content.text, where=content.file)
        except TariffError as error:
            raw = content.text[:RAW_CHARACTERS]
            detail = f"{error.what} [{error.where}]"
            rejection = Rejection(1, "not_billable", detail, raw)
            return SourceRows(rows_in=1, conventions=conventions, rejections=(rejection,))
        return SourceRows(
            rows_in=1,
            conventions=conventions,
            documents=(SourceDocument(name=tariff.tariff_id, text=content.text),),
            findings=tuple(Finding("assumption", 1, assumed) for assumed in tariff.assumptions),
        )
