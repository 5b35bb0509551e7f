"""A guess at a column mapping: each column with its reason, for a person to confirm or to mend."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from depotlib.model.column_mapping import ColumnField, ColumnMapping, MappingKind


@dataclass(frozen=True, slots=True)
class FieldGuess:
    """Where a canonical column may come from.

    Parameters
    ----------
    fills : str
    field : ColumnField
    confidence_share : float
    reason : str
        For a person.
    """

    fills: str
    field: ColumnField
    confidence_share: float
    reason: str


@dataclass(frozen=True, slots=True)
class MappingGuess:
    """What a table may hold.

    Parameters
    ----------
    kind : MappingKind
    confidence_share : float
        That of its least sure column among those that make the kind.
    fields : tuple of FieldGuess
    missing : tuple of str
        Canonical columns that the kind needs and nothing fills.
    key : tuple of str
        Columns that name a row.
    unknown : tuple of str
        Texts that say that nobody knows.
    zone_offsets : mapping of str to str
        Of the abbreviations in a zone column.
    ignore_offset : bool
        True where every time ends in +00 and a zone column says otherwise.
    """

    kind: MappingKind
    confidence_share: float
    fields: tuple[FieldGuess, ...]
    missing: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    zone_offsets: Mapping[str, str] = field(default_factory=dict[str, str])
    ignore_offset: bool = False

    def as_mapping(
        self,
        *,
        name: str,
        header: tuple[str, ...],
        title: str = "",
        time_zone: str | None = None,
        constants: Mapping[str, str] | None = None,
    ) -> ColumnMapping:
        """Return the guess as a mapping that reads files with this header.

        Parameters
        ----------
        name, title : str
            Of the mapping; without a title the name is one.
        header : tuple of str
            All columns of the file.
        time_zone : str, optional
            IANA name of its local times.
        constants : mapping of str to str, optional
            Canonical column to what every row holds, for what is `missing`.

        Raises
        ------
        MappingError
            If something that the kind needs is still missing.
        """
        fields = {guess.fills: guess.field for guess in self.fields}
        fields |= {fills: ColumnField(constant=text) for fills, text in (constants or {}).items()}
        return ColumnMapping(
            name=name,
            title=title or name,
            kind=self.kind,
            header=header,
            fields=fields,
            key=self.key,
            time_zone=time_zone,
            unknown=self.unknown,
            zone_offsets=dict(self.zone_offsets),
            ignore_offset=self.ignore_offset,
        )
