"""The Status Data report of MyGeotab as Excel: title rows, display names, miles and °F, local times.

Excel holds no zone, and the hour that clocks repeat stands in it twice: no reading of the three vans
lies in it.
"""

import io
from types import SimpleNamespace

import xlsxwriter

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "geotab_excel"
FILE = "status_data.xlsx"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "power_kw": 0.01,
        "is_charging": None,
        "is_plugged": None,
        "temperature_c": 0.01,
    }
}
HEADER = [
    ".StatusData.Device.DeviceName",
    "StatusDataDateTime",
    ".StatusData.Diagnostic.DiagnosticName",
    ".StatusData.Diagnostic.Source.SourceName",
    "StatusDataRecordDisplayData",
    "StatusDataRecordUnitOfMeasureName",
]


def displayed(reading: SimpleNamespace) -> list[tuple[str, float, str]]:
    """Return a reading as the report shows it to somebody with imperial units."""
    rows = [
        ("Generic state of charge", reading.soc * 100, "%"),
        ("Raw odometer", reading.odometer_km / 1.609344, "mi"),
        ("Outside temperature", reading.temperature_c * 1.8 + 32, "°F"),
        ("Electric vehicle charging state", 1 if reading.is_charging else 0, ""),
        ("On-board charger AC input voltage", 240 if reading.is_plugged else 0, "V"),
    ]
    if reading.power_kw is not None:
        rows.append(("Electric vehicle battery power", -reading.power_kw * 1000, "W"))
    return rows


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as a workbook whose times are real dates of a spreadsheet."""
    book_bytes = io.BytesIO()
    with xlsxwriter.Workbook(book_bytes, {"in_memory": True}) as book:
        sheet, stamp = book.add_worksheet("Data"), book.add_format({"num_format": "m/d/yy h:mm:ss"})
        titles = ["Status Data", "Company", "Example Fleet", "Run date", "11/03/26", "From", "To"]
        for number, title in enumerate(titles):
            sheet.write(number, 0, title)
        sheet.write_row(8, 0, HEADER)
        line = 9
        for reading in night.readings:
            local = reading.at.astimezone(DEPOT_ZONE).replace(tzinfo=None)
            for name, value, unit in displayed(reading):
                sheet.write_row(line, 0, [reading.vehicle_id])
                sheet.write_datetime(line, 1, local, stamp)
                sheet.write_row(line, 2, [name, "OBD", value, unit])
                line += 1
    return book_bytes.getvalue()
