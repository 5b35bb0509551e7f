"""The two queries of `matching`: which tellings belong together, and the sessions that count."""

from typing import Final

from depotlib.model.identity import TAG_LENGTH

MATCH_SQL: Final = f"""
WITH
-- what vendors call a vehicle: a name that stands for one vehicle only
named AS (
    SELECT upper(trim(unnest([vehicle_id, name, vin, licence_plate]))) AS alias,
           upper(trim(coalesce(vin, vehicle_id))) AS vehicle
    FROM vehicle
),
alias AS (
    SELECT alias, min(vehicle) AS vehicle FROM named WHERE alias IS NOT NULL
    GROUP BY alias HAVING count(DISTINCT vehicle) = 1
),
told AS (
    SELECT
        session_key, source, station_id IS NOT NULL AS is_station, vehicle_id,
        upper(trim(id_tag))[:{TAG_LENGTH}] AS token,
        plug_start,
        -- a moment has no length to overlap by
        greatest(plug_end, plug_start + INTERVAL 1 SECOND) AS plug_end,
        energy_wall_kwh, energy_battery_kwh
    FROM session WHERE plug_end IS NOT NULL AND plug_end >= plug_start
),
by_token AS (
    SELECT session_key, min(named.vehicle_id) AS vehicle_id
    FROM told JOIN identity_token AS named USING (token)
    WHERE told.vehicle_id IS NULL
      AND (valid_from IS NULL OR valid_from <= plug_start)
      AND (valid_to IS NULL OR plug_start < valid_to)
    GROUP BY session_key HAVING count(DISTINCT named.vehicle_id) = 1
),
by_driver AS (
    SELECT session_key, min(drove.vehicle_id) AS vehicle_id
    FROM told JOIN assignment AS drove
      ON upper(trim(drove.id_tag))[:{TAG_LENGTH}] = token
     AND drove."start" <= plug_start AND (drove."end" IS NULL OR plug_start < drove."end")
    WHERE told.vehicle_id IS NULL
    GROUP BY session_key HAVING count(DISTINCT drove.vehicle_id) = 1
),
known AS (
    SELECT told.* REPLACE (
        coalesce(told.vehicle_id, by_token.vehicle_id, by_driver.vehicle_id) AS vehicle_id
    )
    FROM told
    LEFT JOIN by_token USING (session_key)
    LEFT JOIN by_driver USING (session_key)
),
telling AS (
    SELECT known.*, coalesce(alias.vehicle, upper(trim(vehicle_id))) AS vehicle
    FROM known LEFT JOIN alias ON alias.alias = upper(trim(vehicle_id))
),
-- joined by the days that both touch, so that years of one vehicle stay cheap
day_of AS (
    SELECT telling.*, unnest(generate_series(
        date_trunc('day', plug_start), plug_end, INTERVAL 1 DAY
    )) AS day
    FROM telling
),
pair AS (
    SELECT DISTINCT
        s.session_key AS station_key, t.session_key AS telematics_key,
        coalesce(s.vehicle_id, t.vehicle_id) AS vehicle_id,
        s.vehicle IS NOT NULL AS is_identified,
        s.plug_start AS station_start,
        epoch(least(s.plug_end, t.plug_end) - greatest(s.plug_start, t.plug_start)) AS overlap_s,
        overlap_s / least(
            epoch(s.plug_end - s.plug_start), epoch(t.plug_end - t.plug_start)
        ) AS overlap_share,
        s.energy_wall_kwh AS station_kwh,
        t.energy_wall_kwh AS wall_kwh,
        t.energy_battery_kwh AS battery_kwh
    FROM day_of AS s JOIN day_of AS t
      ON s.day = t.day AND s.is_station AND NOT t.is_station AND s.source <> t.source
     AND (s.vehicle = t.vehicle OR s.vehicle IS NULL)
     AND s.plug_start < t.plug_end AND t.plug_start < s.plug_end
    WHERE overlap_share >= $1
),
-- each of telematics' tellings goes to one of the station's
chosen AS (
    SELECT * FROM pair WHERE is_identified
    QUALIFY row_number() OVER (
        PARTITION BY telematics_key
        ORDER BY overlap_s DESC, station_start, station_key
    ) = 1
),
together AS (
    SELECT
        station_key,
        any_value(station_kwh) AS station_kwh,
        CASE WHEN count(wall_kwh) = count(*) THEN sum(wall_kwh) END AS wall_kwh,
        CASE WHEN count(battery_kwh) = count(*) THEN sum(battery_kwh) END AS battery_kwh
    FROM chosen GROUP BY station_key
),
judged AS (
    SELECT
        station_key,
        battery_kwh / nullif(station_kwh, 0) AS efficiency_share,
        abs(coalesce(wall_kwh, battery_kwh / $4) - station_kwh)
            <= greatest($2 * station_kwh, $3) AS agrees
    FROM together
),
-- nobody else fits either of the two
lone AS (
    SELECT * FROM pair
    WHERE NOT is_identified
      AND abs(coalesce(wall_kwh, battery_kwh / $4) - station_kwh) <= $2 * station_kwh
      AND telematics_key NOT IN (SELECT telematics_key FROM chosen)
    QUALIFY count(*) OVER (PARTITION BY station_key) = 1
        AND count(*) OVER (PARTITION BY telematics_key) = 1
)
SELECT
    station_key, telematics_key, vehicle_id,
    CASE WHEN agrees IS NOT DISTINCT FROM false THEN 'energy_differs' ELSE 'matched' END AS verdict,
    CASE WHEN agrees THEN 1.0 WHEN agrees IS NULL THEN 0.8 ELSE 0.3 END AS confidence_share,
    overlap_share,
    station_kwh,
    coalesce(wall_kwh, battery_kwh) AS telematics_kwh,
    efficiency_share
FROM chosen JOIN judged USING (station_key)
UNION ALL
SELECT
    station_key, telematics_key, vehicle_id, 'proposed', 0.5, overlap_share,
    station_kwh, coalesce(wall_kwh, battery_kwh), battery_kwh / nullif(station_kwh, 0)
FROM lone
"""  # noqa: S608 - a constant of ours
"""Parameters: least overlap, tolerance as a share and in kWh, expected efficiency."""

COUNTED_SQL: Final = """
WITH half AS (
    SELECT
        station_key,
        min(telematics.vehicle_id) AS vehicle_id,
        min(charge_start) AS charge_start,
        max(charge_end) AS charge_end,
        CASE WHEN count(energy_battery_kwh) = count(*) THEN sum(energy_battery_kwh) END
            AS energy_battery_kwh,
        max(peak_kw) AS peak_kw,
        arg_min(start_soc, plug_start) AS start_soc,
        arg_max(end_soc, plug_start) AS end_soc
    FROM session_match
    JOIN session AS telematics ON telematics.session_key = telematics_key
    WHERE verdict = 'matched' GROUP BY station_key
)
SELECT session.* REPLACE (
    coalesce(session.vehicle_id, half.vehicle_id) AS vehicle_id,
    -- greatest and least would take the plug times where nobody knows when it charged
    coalesce(session.charge_start, CASE WHEN half.charge_start IS NOT NULL
        THEN greatest(half.charge_start, session.plug_start) END) AS charge_start,
    coalesce(session.charge_end, CASE WHEN half.charge_end IS NOT NULL
        THEN least(half.charge_end, session.plug_end) END) AS charge_end,
    coalesce(session.energy_battery_kwh, half.energy_battery_kwh) AS energy_battery_kwh,
    coalesce(session.peak_kw, half.peak_kw) AS peak_kw,
    coalesce(session.start_soc, half.start_soc) AS start_soc,
    coalesce(session.end_soc, half.end_soc) AS end_soc
)
FROM session LEFT JOIN half ON half.station_key = session.session_key
WHERE session.session_key NOT IN (
    SELECT telematics_key FROM session_match WHERE verdict = 'matched'
)
"""
"""Each session once, as `SessionFrame`."""
