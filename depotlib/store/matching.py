"""Sessions that both a charging station and telematics told of: matched, not doubled.

What was imported stays as it was told. Which tellings are one session is worked out whenever
sessions are read, from all of them and from the identities known now, so that it depends on no
order of imports:

1. A telling is the *station's* if it names a station, else it is *telematics'*.
2. They belong together if they name the same vehicle and overlap by at least half of the shorter
   one. A station's telling names its vehicle itself, or by its token: the depot's identity map
   first, then who drove with that card at plug-in. Ids, names, VINs and plates of vendors' vehicle
   lists stand for each other where they are unambiguous.
3. Each telling of telematics goes to the station's telling that it overlaps longest (managed
   charging makes several charge events of one stay); their energies together must agree with the
   station's. Where telematics measure behind the losses, an efficiency is expected.
4. What agrees, or lacks an energy to compare, is one session: plug times and wall energy of the
   station, state of charge and battery energy of telematics. What does not agree stays two.
5. Where no identity joins them, one station's and one of telematics' tellings that fit nobody else
   and agree in energy are proposed, and stay two until somebody names the vehicle.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import ModelError
from depotlib.model.frames import SessionMatchFrame
from depotlib.model.identity import IdentityMap, normal_token
from depotlib.store.connection import reading
from depotlib.store.matching_sql import COUNTED_SQL, MATCH_SQL
from depotlib.store.query import frame
from depotlib.store.setting import save_setting

IDENTITIES: Final = TypeAdapter(IdentityMap)
SETTING: Final = "session matching"


@dataclass(frozen=True, slots=True)
class MatchRules:
    """When two tellings are one session.

    Parameters
    ----------
    least_overlap_share : float
        Of the shorter one.
    energy_tolerance_share : float
        By how much energies may differ, of the station's.
    energy_tolerance_kwh : float
        Below this a difference does not count: short sessions are rounded.
    efficiency_share : float
        Battery energy over wall energy that is expected.
    """

    least_overlap_share: float = 0.5
    energy_tolerance_share: float = 0.1
    energy_tolerance_kwh: float = 0.5
    efficiency_share: float = 0.9

    def __post_init__(self) -> None:
        """Refuse shares that no pair, or every pair, would pass."""
        shares = (self.least_overlap_share, self.efficiency_share)
        if not all(0 < share <= 1 for share in shares) or not (
            0 <= self.energy_tolerance_share < 1 and self.energy_tolerance_kwh >= 0
        ):
            raise ModelError(
                f"sessions cannot be matched by {self}",
                where="MatchRules",
                hint="give shares between 0 and 1",
            )


RULES: Final = TypeAdapter(MatchRules)


def save_match_rules(path: Path, rules: MatchRules) -> None:
    """Set when two tellings are one session, for every reader from now on."""
    save_setting(path, SETTING, value=RULES.dump_json(rules).decode())


def session_matches(path: Path) -> pl.DataFrame:
    """Return the pairs of tellings that belong together or may, a `SessionMatchFrame`.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        match_sessions(connection)
        pairs = frame(
            connection, "SELECT * FROM session_match ORDER BY station_key, telematics_key"
        )
    return SessionMatchFrame.validate(pairs, cast=True)


def match_sessions(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``session_match`` and ``counted_session`` visible to this connection alone."""
    rules = _rules(connection)
    connection.register("identity_token", _tokens(connection))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE session_match AS {MATCH_SQL}",
        [
            rules.least_overlap_share,
            rules.energy_tolerance_share,
            rules.energy_tolerance_kwh,
            rules.efficiency_share,
        ],
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW counted_session AS {COUNTED_SQL}")


def _rules(connection: duckdb.DuckDBPyConnection) -> MatchRules:
    found = connection.execute("SELECT value FROM setting WHERE name = ?", [SETTING]).fetchall()
    return RULES.validate_json(found[0][0]) if found else MatchRules()


def _tokens(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return the tokens of every depot's newest identity map."""
    documents = connection.execute(
        "SELECT arg_max(document, version) FROM document WHERE kind = 'identities' "
        "GROUP BY document_id ORDER BY document_id"
    ).fetchall()
    return pl.DataFrame(
        [
            (normal_token(one.token), one.vehicle_id, one.valid_from, one.valid_to)
            for (text,) in documents
            for one in IDENTITIES.validate_json(text).tokens
        ],
        schema={
            "token": pl.String,
            "vehicle_id": pl.String,
            "valid_from": pl.Datetime("us", "UTC"),
            "valid_to": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )
