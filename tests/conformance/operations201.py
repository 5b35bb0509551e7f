"""What OCPP 2.0.1 stations are asked, by certification case: taken, refused, and never sent."""

from tests.conformance.operations import Case

LONG_AGO = "2026-11-01T00:00:00Z"
LATER = "2046-11-01T00:00:00Z"
OWN_NAME = "a-name-of-its-own"
BEAT = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
MODEL = {"component": {"name": "ChargingStation"}, "variable": {"name": "Model"}}
HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "aa",
    "issuerKeyHash": "bb",
    "serialNumber": "01",
}
DIGEST = {"algorithm": "SHA256", "issuer_name": "aa", "issuer_key": "bb", "serial": "01"}
REJECTED = {"status": "Rejected"}
SCHEDULE = {
    "evseId": 1,
    "duration": 300,
    "scheduleStart": LONG_AGO,
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
}


def told_variables(*results):
    return {
        "getVariableResult": [
            {"attributeStatus": status, **value, **named} for named, status, value in results
        ]
    }


def changed(status):
    return {"setVariableResult": [{"attributeStatus": status, **BEAT}]}


def setting(value):
    return {"key": "OCPPCommCtrlr.HeartbeatInterval", "value": value}


def listed(*names):
    return [
        {"idToken": {"idToken": name, "type": "Central"}, "idTokenInfo": {"status": "Accepted"}}
        for name in names
    ]


def tags(version, *names, **more):
    kept = {"tokens": ",".join(names)} if names else {}
    return {"list_version": version, **kept, **more}


def reservation(number, **more):
    return {"token": "TAG-1", "until": LATER, "reservation_id": number, **more}


NETWORK = {
    "ocppVersion": "OCPP20",
    "ocppTransport": "JSON",
    "ocppCsmsUrl": "wss://csms.example/ocpp",
    "messageTimeout": 30,
    "securityProfile": 2,
    "ocppInterface": "Wired0",
}


def network(slot, url, security_profile, **more):
    return {"slot": slot, "url": url, "security_profile": security_profile, **more}


def log(kind, place):
    return {"kind": kind, "location": f"https://depot/{place}"}


# What the station takes.
TAKEN = (
    Case("B_06", "read_settings", "GetVariables", {"getVariableData": [BEAT]},
         facts={"keys": "OCPPCommCtrlr.HeartbeatInterval"},
         reply=told_variables((BEAT, "Accepted", {"attributeValue": "300"})),
         end=("done", "1 variables; HeartbeatInterval = 300")),
    Case("B_07", "read_settings", "GetVariables", {"getVariableData": [BEAT, MODEL]},
         facts={"keys": "OCPPCommCtrlr.HeartbeatInterval, Model"},
         reply=told_variables((BEAT, "Accepted", {"attributeValue": "300"}),
                              (MODEL, "Accepted", {"attributeValue": "M"})),
         end=("done", "2 variables; HeartbeatInterval = 300; Model = M")),
    Case("B_09", "change_setting", "SetVariables",
         {"setVariableData": [{"attributeValue": "60", **BEAT}]}, facts=setting("60"),
         reply=changed("Accepted")),
    Case("B_09", "change_setting", "SetVariables",
         {"setVariableData": [{"attributeValue": "61", **BEAT}]}, facts=setting("61"),
         reply=changed("RebootRequired"), end=("done", "RebootRequired")),
    Case("B_12", "read_inventory", "GetBaseReport", {"reportBase": "ConfigurationInventory"},
         facts={"report": "configuration"}),
    Case("B_13", "read_inventory", "GetBaseReport", {"reportBase": "FullInventory"},
         facts={"report": "full"}),
    Case("B_14", "read_inventory", "GetBaseReport", {"reportBase": "SummaryInventory"},
         facts={"report": "summary"}),
    Case("B_21", "reset", "Reset", {"type": "OnIdle", "evseId": None},
         reply={"status": "Scheduled"}, end=("done", "Scheduled"), is_whole_station=True),
    Case("B_22", "reset", "Reset", {"type": "Immediate", "evseId": None}, facts={"is_hard": True},
         is_whole_station=True),
    Case("B_26", "reset", "Reset", {"type": "OnIdle", "evseId": 1},
         reply={"status": "Scheduled"}, end=("done", "Scheduled")),
    Case("B_27", "reset", "Reset", {"type": "Immediate", "evseId": 1}, facts={"is_hard": True}),
    Case("B_42", "network_profile", "SetNetworkProfile",
         {"configurationSlot": 1, "connectionData": NETWORK},
         facts=network(1, "wss://csms.example/ocpp", 2)),
    Case("B_42", "network_profile", "SetNetworkProfile",
         {"configurationSlot": 2,
          "connectionData": NETWORK | {"ocppInterface": "Wireless0", "messageTimeout": 60}},
         facts=network(2, "wss://csms.example/ocpp", 2, interface="Wireless0", timeout_s=60)),
    Case("C_37", "forget_tokens", "ClearCache", {}),
    Case("D_01", "send_tokens", "SendLocalList",
         {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": listed("A", "B")},
         facts=tags(1, "A", "B")),
    Case("D_02", "send_tokens", "SendLocalList",
         {"versionNumber": 2, "updateType": "Differential", "localAuthorizationList": listed("C")},
         facts=tags(2, "C", is_whole=False)),
    Case("D_03", "send_tokens", "SendLocalList",
         {"versionNumber": 3, "updateType": "Differential",
          "localAuthorizationList": [{"idToken": {"idToken": "A", "type": "Central"}}]},
         facts=tags(3, removed="A", is_whole=False)),
    Case("D_04", "send_tokens", "SendLocalList",
         {"versionNumber": 4, "updateType": "Full", "localAuthorizationList": None},
         facts=tags(4)),
    Case("D_08", "read_tokens_version", "GetLocalListVersion", reply={"versionNumber": 4},
         end=("done", "listVersion = 4")),
    Case("E_29", "read_session", "GetTransactionStatus", {"transactionId": OWN_NAME},
         reply={"ongoingIndicator": True, "messagesInQueue": True},
         end=("done", "is running = yes; more to be told = yes")),
    Case("E_33", "read_session", "GetTransactionStatus", {"transactionId": None},
         reply={"messagesInQueue": False}, end=("done", "more to be told = no"),
         is_whole_station=True),
    Case("F_01", "start", "RequestStartTransaction",
         {"evseId": 1, "idToken": {"idToken": "TAG-1", "type": "Central"}},
         facts={"token": "TAG-1"}, reply={"status": "Accepted", "transactionId": OWN_NAME}),
    Case("F_03", "start", "RequestStartTransaction",
         {"idToken": {"idToken": "EARLY", "type": "Central"}, "chargingProfile": None},
         facts={"token": "EARLY", "with_profile": False}),
    Case("E_21", "stop", "RequestStopTransaction", {"transactionId": OWN_NAME}),
    Case("F_06", "unlock", "UnlockConnector", {"evseId": 1, "connectorId": 1},
         reply={"status": "Unlocked"}),
    Case("F_11_F_13", "tell", "TriggerMessage",
         {"requestedMessage": "TransactionEvent", "evse": {"id": 1}},
         facts={"message": "MeterValues"}),
    Case("F_12_F_14", "tell", "TriggerMessage",
         {"requestedMessage": "TransactionEvent", "evse": None},
         facts={"message": "MeterValues"}, is_whole_station=True),
    Case("F_15", "tell", "TriggerMessage", {"requestedMessage": "LogStatusNotification"},
         facts={"message": "LogStatusNotification"}, is_whole_station=True),
    Case("F_18", "tell", "TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"},
         facts={"message": "FirmwareStatusNotification"}, is_whole_station=True),
    Case("F_20", "tell", "TriggerMessage", {"requestedMessage": "Heartbeat"},
         facts={"message": "Heartbeat"}, is_whole_station=True),
    Case("F_23", "tell", "TriggerMessage",
         {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
         facts={"message": "StatusNotification"}),
    Case("G_03_G_11", "availability", "ChangeAvailability",
         {"operationalStatus": "Inoperative", "evse": {"id": 1}}, facts={"is_operative": False},
         reply={"status": "Scheduled"}, end=("done", "Scheduled")),
    Case("G_04", "availability", "ChangeAvailability",
         {"operationalStatus": "Operative", "evse": {"id": 1}}),
    Case("G_07_G_17", "availability", "ChangeAvailability",
         {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 1}},
         facts={"is_operative": False, "is_connector": True},
         reply={"status": "Scheduled"}, end=("done", "Scheduled")),
    Case("G_08", "availability", "ChangeAvailability",
         {"operationalStatus": "Operative", "evse": {"id": 1, "connectorId": 1}},
         facts={"is_connector": True}),
    Case("G_05", "availability", "ChangeAvailability",
         {"operationalStatus": "Inoperative", "evse": None}, facts={"is_operative": False},
         is_whole_station=True),
    Case("G_06", "availability", "ChangeAvailability",
         {"operationalStatus": "Operative", "evse": None}, is_whole_station=True),
    Case("H_01", "reserve", "ReserveNow",
         {"id": 1, "evseId": 1, "expiryDateTime": LATER,
          "idToken": {"idToken": "TAG-1", "type": "Central"}}, facts=reservation(1)),
    Case("H_08", "reserve", "ReserveNow", {"id": 8, "evseId": None}, facts=reservation(8),
         is_whole_station=True),
    Case("H_17", "cancel_reservation", "CancelReservation", {"reservationId": 1},
         facts={"reservation_id": 1}),
    Case("K_06", "clear_profiles", "ClearChargingProfile",
         {"chargingProfileCriteria": {"evseId": 1, "chargingProfilePurpose": "TxDefaultProfile",
                                      "stackLevel": 3}},
         facts={"purpose": "default", "stack_level": 3}),
    Case("K_05", "clear_profiles", "ClearChargingProfile", {"chargingProfileId": 77},
         facts={"profile_id": 77}),
    Case("K_29", "read_profiles", "GetChargingProfiles",
         {"evseId": 0, "chargingProfile": {"chargingLimitSource": ["CSO"]}}, is_whole_station=True),
    Case("K_34", "read_profiles", "GetChargingProfiles",
         {"evseId": 1, "chargingProfile": {"chargingLimitSource": ["CSO"]}}),
    Case("K_31", "read_profiles", "GetChargingProfiles",
         {"evseId": None, "chargingProfile": {"chargingLimitSource": ["CSO"]}},
         facts={"everywhere": True}, is_whole_station=True),
    Case("K_32", "read_profiles", "GetChargingProfiles",
         {"evseId": None, "chargingProfile": {"chargingProfileId": [77]}},
         facts={"everywhere": True, "profile_id": 77}, is_whole_station=True),
    Case("K_33", "read_profiles", "GetChargingProfiles",
         {"evseId": 1, "chargingProfile": {"stackLevel": 1}}, facts={"stack_level": 1}),
    Case("K_35", "read_profiles", "GetChargingProfiles",
         {"evseId": 1, "chargingProfile": {"chargingProfilePurpose": "TxProfile"}},
         facts={"purpose": "transaction"}),
    Case("K_36", "read_profiles", "GetChargingProfiles",
         {"evseId": 1, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile",
                                           "stackLevel": 1}},
         facts={"purpose": "default", "stack_level": 1}),
    Case("K_43", "read_limits", "GetCompositeSchedule",
         {"evseId": 1, "duration": 300, "chargingRateUnit": "A"}, facts={"duration_s": 300},
         reply={"status": "Accepted", "schedule": SCHEDULE},
         end=("done", "Accepted; from 0 s 6.0 A")),
    Case("K_44", "read_limits", "GetCompositeSchedule", {"evseId": 0, "duration": 301},
         facts={"duration_s": 301}, is_whole_station=True,
         reply={"status": "Accepted", "schedule": SCHEDULE | {"evseId": 0}},
         end=("done", "Accepted; from 0 s 6.0 A")),
    Case("L_03", "update_firmware", "UpdateFirmware",
         {"retries": 1, "firmware": {"location": "https://depot/f", "retrieveDateTime": LONG_AGO}},
         facts={"location": "https://depot/f", "retrieve_at": LONG_AGO}),
    Case("L_01", "update_firmware", "UpdateFirmware",
         {"firmware": {"location": "https://depot/g", "retrieveDateTime": LONG_AGO,
                       "signingCertificate": "C", "signature": "S"}},
         facts={"location": "https://depot/g", "retrieve_at": LONG_AGO, "certificate": "C",
                "signature": "S"},
         reply={"status": "AcceptedCanceled"}, end=("done", "AcceptedCanceled")),
    Case("N_25", "read_log", "GetLog",
         {"logType": "DiagnosticsLog", "log": {"remoteLocation": "https://depot/d"}},
         facts=log("diagnostics", "d")),
    Case("N_35", "read_log", "GetLog",
         {"logType": "SecurityLog", "log": {"remoteLocation": "https://depot/s"}},
         facts=log("security", "s")),
    Case("M_01", "install_authority", "InstallCertificate",
         {"certificateType": "CSMSRootCertificate", "certificate": "PEM"},
         facts={"authority": "central_system", "certificate": "PEM"}),
    Case("M_12", "read_authorities", "GetInstalledCertificateIds",
         {"certificateType": ["CSMSRootCertificate"]}, facts={"authority": "central_system"},
         reply={"status": "Accepted", "certificateHashDataChain": [
             {"certificateType": "CSMSRootCertificate", "certificateHashData": HASH}]},
         end=("done", "Accepted; 01 = SHA256 aa bb")),
    Case("M_20", "delete_authority", "DeleteCertificate", {"certificateHashData": HASH},
         facts=DIGEST),
)  # fmt: skip

# What the station refuses, cannot do, or answers with an error.
REFUSED = (
    Case("B_06", "read_settings", "GetVariables", {"getVariableData": [BEAT]},
         facts={"keys": "OCPPCommCtrlr.HeartbeatInterval"},
         reply=told_variables((BEAT, "UnknownVariable", {})), end=("failed", "0 variables")),
    Case("B_09", "change_setting", "SetVariables",
         {"setVariableData": [{"attributeValue": "-1", **BEAT}]}, facts=setting("-1"),
         reply=changed("Rejected"), end=("failed", "Rejected")),
    Case("B_09", "change_setting", "SetVariables",
         {"setVariableData": [{"attributeValue": "62", **BEAT}]}, facts=setting("62"),
         reply=changed("UnknownComponent"), end=("failed", "UnknownComponent")),
    Case("B_09", "change_setting", "SetVariables",
         {"setVariableData": [{"attributeValue": "63", **BEAT}]}, facts=setting("63"),
         reply={"setVariableResult": []}, end=("failed", "no status")),
    Case("B_12", "read_inventory", "GetBaseReport", {"reportBase": "ConfigurationInventory"},
         facts={"report": "configuration"}, reply={"status": "NotSupported"},
         end=("failed", "NotSupported")),
    Case("B_14", "read_inventory", "GetBaseReport", {"reportBase": "SummaryInventory"},
         facts={"report": "summary"}, reply={"status": "EmptyResultSet"},
         end=("failed", "EmptyResultSet")),
    Case("B_21", "reset", "Reset", {"type": "OnIdle", "evseId": None}, reply=REJECTED,
         end=("failed", "Rejected"), is_whole_station=True),
    Case("B_22", "reset", "Reset", {"type": "Immediate", "evseId": None}, facts={"is_hard": True},
         reply="InternalError", end=("failed", "error InternalError"), is_whole_station=True),
    Case("B_26", "reset", "Reset", {"type": "OnIdle", "evseId": 1}, reply=REJECTED,
         end=("failed", "Rejected")),
    Case("B_27", "reset", "Reset", {"type": "Immediate", "evseId": 1}, facts={"is_hard": True},
         reply="NotSupported", end=("failed", "error NotSupported")),
    *(
        Case("B_44", "network_profile", "SetNetworkProfile", {"configurationSlot": slot},
             facts=network(slot, "ws://csms.example/ocpp", 1), reply={"status": word},
             end=("failed", word))
        for slot, word in ((3, "Rejected"), (4, "Failed"))
    ),
    Case("C_38", "forget_tokens", "ClearCache", reply=REJECTED, end=("failed", "Rejected")),
    Case("D_01", "send_tokens", "SendLocalList", {"versionNumber": 1}, facts=tags(1, "A"),
         reply={"status": "Failed"}, end=("failed", "Failed")),
    Case("D_02", "send_tokens", "SendLocalList", {"versionNumber": 2},
         facts=tags(2, "A", is_whole=False), reply={"status": "VersionMismatch"},
         end=("failed", "VersionMismatch")),
    Case("D_09", "read_tokens_version", "GetLocalListVersion", reply="NotSupported",
         end=("failed", "error NotSupported")),
    Case("E_31", "read_session", "GetTransactionStatus", {"transactionId": OWN_NAME}, reply={},
         end=("failed", "rejected")),
    Case("F_02", "start", "RequestStartTransaction", facts={"token": "TAG-1"},
         reply={"status": "Rejected", "statusInfo": {"reasonCode": "TxInProgress"}},
         end=("failed", "Rejected TxInProgress")),
    Case("E_21", "stop", "RequestStopTransaction", reply=REJECTED, end=("failed", "Rejected")),
    Case("F_06", "unlock", "UnlockConnector", {"evseId": 1}, reply={"status": "UnlockFailed"},
         end=("failed", "UnlockFailed")),
    Case("F_06", "unlock", "UnlockConnector", {"evseId": 0},
         reply={"status": "UnknownConnector"}, end=("failed", "UnknownConnector"),
         is_whole_station=True),
    Case("F_27", "tell", "TriggerMessage", {"requestedMessage": "Heartbeat"},
         facts={"message": "Heartbeat"}, reply={"status": "NotImplemented"},
         end=("failed", "NotImplemented")),
    Case("F_13", "tell", "TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"},
         facts={"message": "FirmwareStatusNotification"}, reply=REJECTED,
         end=("failed", "Rejected")),
    Case("G_03", "availability", "ChangeAvailability", {"operationalStatus": "Inoperative"},
         facts={"is_operative": False}, reply=REJECTED, end=("failed", "Rejected")),
    Case("G_07", "availability", "ChangeAvailability",
         {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 1}},
         facts={"is_operative": False, "is_connector": True}, reply=REJECTED,
         end=("failed", "Rejected")),
    Case("G_04", "availability", "ChangeAvailability", {"operationalStatus": "Operative"},
         reply="GenericError", end=("failed", "error GenericError")),
    *(
        Case(tc, "reserve", "ReserveNow", {"id": number}, facts=reservation(number),
             reply={"status": word}, end=("failed", word))
        for tc, number, word in (("H_01", 14, "Faulted"), ("H_14", 15, "Occupied"),
                                 ("H_01", 16, "Unavailable"), ("H_22", 20, "Rejected"))
    ),
    Case("H_17", "cancel_reservation", "CancelReservation", {"reservationId": 999},
         facts={"reservation_id": 999}, reply=REJECTED, end=("failed", "Rejected")),
    Case("K_08", "clear_profiles", "ClearChargingProfile", {"chargingProfileId": 78},
         facts={"profile_id": 78}, reply={"status": "Unknown"}, end=("failed", "Unknown")),
    Case("K_30", "read_profiles", "GetChargingProfiles", {"evseId": 1},
         reply={"status": "NoProfiles"}, end=("failed", "NoProfiles")),
    Case("K_43", "read_limits", "GetCompositeSchedule", {"duration": 302},
         facts={"duration_s": 302}, reply=REJECTED, end=("failed", "Rejected")),
    Case("K_44", "read_limits", "GetCompositeSchedule", {"duration": 303},
         facts={"duration_s": 303}, reply={"status": "Accepted"},
         end=("failed", "Accepted without a schedule")),
    Case("L_05", "update_firmware", "UpdateFirmware",
         facts={"location": "https://depot/f", "certificate": "C", "signature": "S"},
         reply={"status": "InvalidCertificate"}, end=("failed", "InvalidCertificate")),
    Case("N_25", "read_log", "GetLog", facts=log("diagnostics", "d"), reply=REJECTED,
         end=("failed", "Rejected")),
    Case("M_01", "install_authority", "InstallCertificate", {"certificate": "BAD"},
         facts={"authority": "manufacturer", "certificate": "BAD"}, reply={"status": "Failed"},
         end=("failed", "Failed")),
    Case("M_19", "read_authorities", "GetInstalledCertificateIds",
         facts={"authority": "manufacturer"}, reply={"status": "NotFound"},
         end=("failed", "NotFound")),
    Case("M_21", "delete_authority", "DeleteCertificate", facts=DIGEST,
         reply={"status": "NotFound"}, end=("failed", "NotFound")),
)  # fmt: skip

# What is never sent, whoever asks: the gateway refuses it, or cannot say it, and gives a reason.
NEVER = (
    ("B_06", "read_settings", "CP-1", {}, "never sent: GetVariables cannot say"),
    ("B_09", "change_setting", "CP-1", {"key": "SecurityCtrlr.BasicAuthPassword", "value": "0"},
     "passwords"),
    ("B_09", "change_setting", "CP-1", {"key": "k" * 51, "value": "1"}, "never sent"),
    ("B_14", "read_inventory", "CP-1", {"report": "everything"}, "report 'everything'"),
    ("B_42", "network_profile", "CP-1", network(1, "https://csms.example", 2), "no address"),
    ("B_42", "network_profile", "CP-1", network(1, "ws://csms.example", 3), "do not go together"),
    ("B_42", "network_profile", "CP-1", network(1, "ws://csms.example", 0), "security_profile"),
    ("G_07", "availability", "CP-1", {"is_connector": True}, "no connector"),
    ("D_01", "send_tokens", "CP-1", {"list_version": 0, "tokens": "A"}, "list_version"),
    ("E_34", "read_session", "CP-2/1", {}, "no session runs there"),
    ("E_21", "stop", "CP-2/1", {}, "no session runs there"),
    ("F_01", "start", "CP-1", {"token": "TAG-1"}, "no connector"),
    ("H_01", "reserve", "CP-1/1", {"token": "TAG-1", "until": LONG_AGO}, "until is missing or past"),
    ("K_05", "clear_profiles", "CP-1/1", {}, "safe limit away"),
    ("K_05", "clear_profiles", "CP-1", {"profile_id": 2}, "safe limit away"),
    ("K_06", "clear_profiles", "CP-1", {"purpose": "default", "stack_level": 0}, "safe limit away"),
)  # fmt: skip
