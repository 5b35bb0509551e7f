"""Words by which exports call what we know, in English, German and French.

A phrase is a set of words that must all stand in a column's name; without accents, in lower case.
Long phrases say more than short ones. The same words may stand under several canonical columns:
which one is meant is decided by the kind of table, the other columns and the values.
"""

from typing import Final

PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "plug_start": (
        "plug start", "plug in", "plug in time", "plugged in", "session start", "start time",
        "start date", "start date time", "started", "start", "begin", "arrival", "connected at",
        "start plugin", "beginn", "startzeit", "startzeitpunkt", "ladebeginn", "ankunft",
        "angesteckt", "eingesteckt", "debut", "date debut", "date de debut", "heure debut",
        "demarrage", "date demarrage", "branchement", "arrivee", "start timestamp",
    ),
    "plug_end": (
        "plug end", "plug out", "unplug", "unplugged", "session end", "session finish",
        "end time", "end date", "end date time", "ended", "end", "stop", "stop time", "finish",
        "departure", "disconnected at", "end plugout", "ende", "endzeit", "endzeitpunkt",
        "ladeende", "abfahrt", "abgesteckt", "ausgesteckt", "fin", "date fin", "date de fin",
        "heure fin", "arret", "debranchement", "depart", "stop timestamp", "end timestamp",
    ),
    "charge_start": (
        "charge start", "charging start", "charging started", "charge begin", "ladestart",
        "ladevorgang beginn", "debut charge", "debut de charge",
    ),
    "charge_end": (
        "charge end", "charging end", "charging stopped", "charge finish", "ladestopp",
        "ladevorgang ende", "fin charge", "fin de charge",
    ),
    "duration_s": (
        "duration", "total duration", "plug duration", "session duration", "total time", "dauer",
        "gesamtdauer", "ladedauer", "standzeit", "standdauer", "duree", "duree totale",
    ),
    "energy_wall_kwh": (
        "energy", "total energy", "energy delivered", "kwh", "total kwh", "energy transferred",
        "consumption", "energy consumed", "energie", "energiemenge", "lademenge", "strommenge",
        "geladene energie", "verbrauch", "arbeit", "consommation", "consommation totale",
        "energie delivree", "energie fournie",
    ),
    "energy_battery_kwh": (
        "battery energy", "energy into battery", "energy used", "energy consumed",
        "batterie energie", "energie batterie",
    ),
    "peak_kw": (
        "peak power", "max power", "maximum power", "pmax", "peak kw", "max charging rate",
        "max ladeleistung", "maximale leistung", "spitzenleistung", "puissance max",
        "puissance maximale",
    ),
    "start_soc": (
        "start soc", "soc start", "soc arrival", "initial soc", "start battery", "soc begin",
        "start ladestand", "soc beginn", "soc bei ankunft", "soc debut", "charge batterie debut",
        "charge batterie demarrage", "niveau debut",
    ),
    "end_soc": (
        "end soc", "soc end", "soc departure", "final soc", "end battery", "end state charge",
        "end ladestand", "soc ende", "soc bei abfahrt", "soc fin", "charge batterie fin",
        "niveau fin",
    ),
    "site": (
        "site", "site name", "location", "location name", "depot", "yard", "address", "standort",
        "ort", "betriebshof", "lieu", "parking", "garage", "emplacement",
    ),
    "station_id": (
        "station", "station id", "station name", "charger", "charger id", "charger name",
        "charge point", "chargepoint", "chargepoint id", "charging station", "charge box id",
        "cp id", "evse", "evse id", "device", "ladepunkt", "ladestation", "ladesaule", "wallbox",
        "saule", "borne", "id borne", "point de charge",
    ),
    "connector_id": (
        "connector", "connector id", "port", "port number", "outlet", "socket", "plug id",
        "plug number", "stecker", "anschluss", "ladebuchse", "connecteur", "prise",
        "id connecteur",
    ),
    "vehicle_id": (
        "vehicle", "vehicle id", "vehicle name", "van", "truck", "bus", "car", "car id",
        "asset", "unit id", "fleet number", "licence plate", "license plate", "registration",
        "fahrzeug", "fahrzeug id", "fahrzeugnummer", "wagen", "kennzeichen", "vehicule",
        "voiture", "immatriculation", "device id", "vin",
    ),
    "id_tag": (
        "id tag", "idtag", "rfid", "card", "card id", "card number", "badge", "token", "user",
        "user id", "driver", "driver id", "account", "karte", "ladekarte", "kartennummer",
        "nutzer", "benutzer", "fahrer", "carte", "utilisateur", "conducteur", "tag",
    ),
    "at": (
        "timestamp", "time", "date time", "datetime", "date", "recorded at", "reading time",
        "event time", "gps time", "zeit", "zeitstempel", "zeitpunkt", "datum", "uhrzeit",
        "datum uhrzeit", "horodatage", "date heure", "heure",
    ),
    "soc": (
        "soc", "state charge", "battery level", "battery", "battery percent", "charge level",
        "ladestand", "akkustand", "ladezustand", "batterie", "niveau batterie", "etat charge",
        "charge batterie",
    ),
    "odometer_km": (
        "odometer", "mileage", "total distance", "kilometerstand", "km stand", "tachostand",
        "kilometrage", "compteur kilometrique", "odometre",
    ),
    "power_kw": (
        "power", "charging power", "battery power", "demand", "load", "kw", "leistung",
        "ladeleistung", "lastgang", "puissance", "puissance charge",
    ),
    "is_charging": (
        "charging", "is charging", "charging status", "charging state", "ladt", "ladestatus",
        "laden", "en charge", "charge en cours",
    ),
    "is_plugged": (
        "plugged", "is plugged", "plug status", "connected", "is connected", "cable connected",
        "gesteckt", "kabel", "branche", "cable branche",
    ),
    "temperature_c": (
        "temperature", "ambient temperature", "outside temperature", "outdoor temperature", "temp",
        "ambient temp", "aussentemperatur", "temperatur", "temperature exterieure",
    ),
    "soh_share": ("soh", "state health", "battery health", "batteriezustand", "etat sante"),
    "charge_limit_soc": (
        "charge limit", "target soc", "soc limit", "ladelimit", "ziel soc", "limite charge",
    ),
    "meter_id": (
        "meter", "meter id", "meter number", "zahler", "zahlernummer", "zahlpunkt", "messstelle",
        "marktlokation", "compteur", "numero compteur", "pdl", "prm", "usage point",
    ),
    "interval_start": (
        "interval start", "start", "start time", "from", "timestamp", "date", "date time", "time",
        "datetime", "datum", "datum von", "von", "zeit", "zeitstempel", "beginn", "debut",
        "date debut", "horodatage", "horodate", "de",
    ),
    "interval_end": (
        "interval end", "end", "end time", "to", "until", "bis", "datum bis", "ende", "fin",
        "date fin",
    ),
    "energy_kwh": (
        "energy", "usage", "consumption", "kwh", "import", "delivered", "energie", "verbrauch",
        "bezug", "wirkarbeit", "consommation", "conso", "soutirage", "usage kwh",
    ),
    "start": (
        "trip start", "start", "start time", "start date", "departure", "fahrtbeginn", "beginn",
        "startzeit", "abfahrt", "debut", "date debut", "depart", "debut trajet", "start ts",
    ),
    "end": (
        "trip end", "end", "end time", "end date", "stop", "arrival", "fahrtende", "ende",
        "endzeit", "ankunft", "fin", "date fin", "arrivee", "fin trajet", "end ts",
    ),
    "distance_km": (
        "distance", "trip distance", "distance total", "km", "strecke", "fahrstrecke",
        "entfernung", "laufleistung", "kilometres", "kilometer", "miles", "distance parcourue",
    ),
    "start_odometer_km": (
        "start odometer", "odometer start", "kilometerstand start", "kilometrage debut",
        "km start", "km debut",
    ),
    "end_odometer_km": (
        "end odometer", "odometer end", "kilometerstand ende", "kilometrage fin", "km ende",
        "km fin",
    ),
    "duty_id": (
        "duty", "duty id", "block", "block id", "route", "route id", "shift", "run", "tour",
        "umlauf", "dienst", "tournee", "service", "schedule id",
    ),
    "departure": (
        "departure", "departure time", "depart", "scheduled departure", "leave", "pull out",
        "abfahrt", "abfahrtszeit", "ausfahrt", "sortie", "heure depart",
    ),
    "return_at": (
        "return", "return time", "arrival", "arrival time", "scheduled return", "pull in",
        "ruckkehr", "ankunft", "einfahrt", "ruckkunft", "retour", "heure retour", "arrivee",
    ),
    "must_soc": ("required soc", "min soc", "minimum soc", "soc required", "mindest soc"),
    "target_soc": ("target soc", "desired soc", "soc target", "ziel soc", "soc cible"),
    "priority": ("priority", "prioritat", "rang", "priorite"),
    "series": ("zone", "bidding zone", "node", "area", "market", "gebotszone", "marktgebiet"),
    "price_per_kwh": (
        "price", "spot price", "day ahead price", "price per kwh", "preis", "strompreis", "prix",
    ),
    "currency": ("currency", "wahrung", "devise"),
    "name": ("name", "vehicle name", "fahrzeugname", "nom", "bezeichnung"),
    "vin": ("vin", "fin", "chassis number", "fahrgestellnummer", "fahrzeugidentnummer"),
    "licence_plate": (
        "licence plate", "license plate", "registration", "plate", "kennzeichen",
        "immatriculation", "plaque",
    ),
    "model": ("model", "vehicle model", "type", "modell", "fahrzeugtyp", "modele"),
    "battery_kwh": (
        "battery kwh", "battery capacity", "capacity", "usable capacity", "batteriekapazitat",
        "kapazitat", "capacite", "capacite batterie",
    ),
}  # fmt: skip
AGAINST: Final[dict[str, frozenset[str]]] = {
    "power_kw": frozenset({"factor", "reactive", "requested", "limit", "setpoint", "faktor"}),
    "energy_wall_kwh": frozenset(
        {"cost", "price", "savings", "kosten", "preis", "prix", "cout", "kvarh", "battery", "per"}
    ),
    "energy_kwh": frozenset({"cost", "price", "reactive", "kvarh", "kosten", "preis", "prix"}),
    "price_per_kwh": frozenset({"total", "session", "currency", "source", "gesamt"}),
    "plug_start": frozenset({"charge", "charging", "ladevorgang", "soc"}),
    "plug_end": frozenset({"charge", "charging", "ladevorgang", "soc"}),
    "soc": frozenset({"health", "limit", "target", "start", "end"}),
    "vehicle_id": frozenset({"description", "type", "model"}),
    "station_id": frozenset({"type", "model", "group"}),
    "connector_id": frozenset({"type"}),
    "distance_km": frozenset({"odometer"}),
}
"""Words beside a phrase that speak against it."""
KEY_WORDS: Final = frozenset(
    {
        "id", "number", "no", "nr", "nummer", "numero", "key", "transaction", "transactionid",
        "session", "sessionid", "event", "ladevorgang", "reference", "uuid",
    }
)  # fmt: skip
"""A column of these alone, different in every row, names the row."""
UNKNOWN_TEXTS: Final = frozenset(
    {"na", "n/a", "#n/a", "nan", "null", "none", "-", "--", "?", "unknown", "unbekannt", "inconnu"}
)
"""What people and spreadsheets write where nobody knows."""
ZONE_OFFSETS: Final[dict[str, str]] = {
    "UTC": "+00:00", "GMT": "+00:00", "BST": "+01:00", "WET": "+00:00", "WEST": "+01:00",
    "CET": "+01:00", "CEST": "+02:00", "MEZ": "+01:00", "MESZ": "+02:00", "EET": "+02:00",
    "EEST": "+03:00", "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00",
    "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
"""What a column of zone names may say; BST and CST are read as British and American."""
