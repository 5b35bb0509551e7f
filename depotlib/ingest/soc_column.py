"""States of charge of a file, judged as one column."""

from collections.abc import Sequence
from dataclasses import dataclass

from depotlib.ingest.normalise.quantities import SocScale, judge_soc_scale, soc_share
from depotlib.ingest.record import FieldReader
from depotlib.model.import_report import Finding


@dataclass(frozen=True, slots=True)
class SocColumn:
    """The scale of a file's states of charge.

    Parameters
    ----------
    scale : SocScale
        As judged.
    documented : SocScale
        As the vendor says.
    count : int
        How many values there are.
    """

    scale: SocScale
    documented: SocScale
    count: int

    def soc(self, reader: FieldReader, name: str) -> float | None:
        """Return a field as a fraction 0-1; None where it is empty; else a fault."""
        value = reader.number(name)
        if value is None:
            return None
        share = soc_share(value, scale=self.scale)
        if share is None:
            reader.reject("bad_soc", f"{name} is {value:g} in a column of {self.scale}")
        return share

    def findings(self) -> list[Finding]:
        """Return whether the file departs from the vendor's documentation."""
        if self.scale == self.documented:
            return []
        sentence = (
            f"states of charge were read as {self.scale.replace('_', '-')}, which the whole "
            f"column fits; the vendor documents {self.documented.replace('_', '-')}"
        )
        return [Finding("soc_scale", self.count, sentence)]


def soc_column(readers: Sequence[FieldReader], *names: str, documented: SocScale) -> SocColumn:
    """Return the scale of all states of charge in some fields of a file."""
    texts = [(reader, name) for reader in readers for name in names if reader.text(name)]
    values = [value for reader, name in texts if (value := _peek(reader, name)) is not None]
    scale = judge_soc_scale(values, documented=documented)
    return SocColumn(scale=scale, documented=documented, count=len(values))


def _peek(reader: FieldReader, name: str) -> float | None:
    """Return a number without making a bad one a fault: that is for the mapping to do."""
    return FieldReader(reader.record, reader.reading).number(name)
