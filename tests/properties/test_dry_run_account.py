"""A dry run says of any files, in any order, what an import of them then does."""

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.ingest.content import content_of
from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.report import TrialStore
from depotlib.ingest.source import Conventions, ReadOptions, SourceDocument, SourceRows
from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    PriceFrame,
    TripFrame,
    VehicleFrame,
)
from depotlib.store.imports import write_import
from depotlib.workflows.stored_file import ReadFile, batch_of
from tests.unit.store.samples import (
    NOON,
    after,
    meter_frame,
    meter_row,
    reading_of,
    session,
    sessions_frame,
    telematics_frame,
)

UTC_TIMES = Conventions("UTC", "offsets in the file", "year_month_day", ())
RAW = content_of("f", b"x")
CHANGES = st.integers(0, 1)
NAMES = st.integers(0, 2)
PROVENANCE = {"source": "log", "src_file": "f"}
# name of the fact, what it says, whether it has ended
FACTS = st.lists(st.tuples(NAMES, CHANGES, st.booleans()), max_size=3)


def frame_of(schema, rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(
        [PROVENANCE | row for row in rows] if "source" in schema.column_names() else rows,
        schema=schema.create_empty().schema,
    )


class Rows:
    """Builds the rows of one file, numbered through."""

    def __init__(self) -> None:
        self.row = 0

    def next(self) -> int:
        self.row += 1
        return self.row

    def sessions(self, facts: list) -> pl.DataFrame:
        return sessions_frame(
            *(
                session(f"s{name}", row=self.next(), energy_wall_kwh=20.0 + change,
                        plug_end=after(hours=8) if has_ended else None)
                for name, change, has_ended in facts
            )
        )  # fmt: skip

    def telematics(self, facts: list) -> pl.DataFrame:
        return telematics_frame(
            *(
                reading_of("v", minute=name, row=self.next(),
                           **({"soc": 0.5} if change else {"odometer_km": 9.0}),
                           is_charging=has_ended or None)
                for name, change, has_ended in facts
            )
        )  # fmt: skip

    def meter(self, facts: list) -> pl.DataFrame:
        return meter_frame(
            *(meter_row(minute=name, power_kw=change, row=self.next()) for name, change, _ in facts)
        )

    def trips(self, facts: list) -> pl.DataFrame:
        return frame_of(TripFrame, [
            {"vehicle_id": "v", "start": after(hours=name), "distance_km": 5.0 + change,
             "end": after(hours=name + 1) if has_ended else None, "src_row": self.next()}
            for name, change, has_ended in facts
        ])  # fmt: skip

    def duties(self, facts: list) -> pl.DataFrame:
        return frame_of(DutyFrame, [
            {"duty_id": f"d{name}", "departure": after(hours=name), "priority": change,
             "is_withdrawn": has_ended, "src_row": self.next()}
            for name, change, has_ended in facts
        ])  # fmt: skip

    def vehicles(self, facts: list) -> pl.DataFrame:
        return frame_of(VehicleFrame, [
            {"vehicle_id": f"v{name}", "name": f"van {change}", "src_row": self.next()}
            for name, change, _ in facts
        ])  # fmt: skip

    def assignments(self, facts: list) -> pl.DataFrame:
        return frame_of(AssignmentFrame, [
            {"driver_id": f"d{name}", "vehicle_id": f"v{change}", "start": after(hours=1),
             "end": after(hours=9) if has_ended else None, "src_row": self.next()}
            for name, change, has_ended in facts
        ])  # fmt: skip

    def prices(self, facts: list) -> pl.DataFrame:
        return frame_of(PriceFrame, [
            {"series": "DE", "interval_start": after(hours=name), "interval_s": 3600,
             "price_per_kwh": float(change), "currency": "EUR", "src_row": self.next()}
            for name, change, _ in facts
        ])  # fmt: skip


KINDS = ("sessions", "telematics", "meter", "trips", "duties", "vehicles", "assignments", "prices")


@st.composite
def files(draw) -> SourceRows:
    rows = Rows()
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
    frames = {kind: getattr(rows, kind)(draw(FACTS)) for kind in kinds}
    names = draw(st.lists(NAMES, max_size=2, unique=True))
    documents = tuple(SourceDocument(f"t{name}", f"text {draw(CHANGES)}") for name in names)
    return SourceRows(
        rows_in=rows.row + len(documents),
        conventions=UTC_TIMES,
        documents=documents,
        duties_complete_at=after(hours=1) if "duties" in kinds and draw(st.booleans()) else None,
        **frames,
    )


@settings(max_examples=settings().max_examples // 4)  # each imports up to four files
@given(st.lists(files(), min_size=1, max_size=3))
def test_a_dry_run_and_an_import_give_the_same_accounts(several: list[SourceRows]):
    trial = TrialStore()
    reads = [ReadRows(f"digest {number}", "log", rows) for number, rows in enumerate(several)]

    tried = [trial.account("f", read) for read in [*reads, reads[0]]]
    with tempfile.TemporaryDirectory() as folder:
        done = [
            write_import(
                Path(folder) / "warehouse.duckdb",
                batch_of(ReadFile(RAW, file="f", read=read, options=ReadOptions())),
                imported_at=NOON,
            )
            for read in [*reads, reads[0]]
        ]

    assert [(one.rows_in, one.stored, one.duplicates, one.is_repeat) for one in tried] == [
        (one.rows_in, one.stored, one.duplicates, one.is_repeat) for one in done
    ]
