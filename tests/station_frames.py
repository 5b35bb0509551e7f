"""Frames that stations send, of every kind, as their standards show them."""

SAMPLE = {
    "timestamp": "2026-11-20T20:05:00Z",
    "sampledValue": [
        {"value": "7210.5", "measurand": "Power.Active.Import", "unit": "W"},
        {"value": "12345", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
        {"value": "55", "measurand": "SoC", "unit": "Percent"},
    ],
}
SAMPLE_2 = {
    "timestamp": "2026-11-20T20:05:00Z",
    "sampledValue": [{"value": 7210.5, "measurand": "Power.Active.Import"}],
}
BOOT_2 = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
STORY = {
    "eventType": "Started",
    "timestamp": "2026-11-20T20:00:00Z",
    "triggerReason": "CablePluggedIn",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "t-1", "chargingState": "Charging"},
    "evse": {"id": 1, "connectorId": 1},
    "idToken": {"idToken": "TAG-1", "type": "ISO14443"},
    "meterValue": [SAMPLE_2],
}
CALLS_16 = [
    ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}),
    ("Heartbeat", {}),
    ("StatusNotification", {"connectorId": 1, "status": "Charging", "errorCode": "NoError",
                            "timestamp": "2026-11-20T20:00:00.123Z"}),
    ("Authorize", {"idTag": "TAG-0"}),
    ("StartTransaction", {"connectorId": 1, "idTag": "TAG-0", "meterStart": 100,
                          "timestamp": "2026-11-20T20:00:00Z"}),
    ("MeterValues", {"connectorId": 1, "transactionId": 101, "meterValue": [SAMPLE]}),
    ("StopTransaction", {"transactionId": 101, "meterStop": 9000, "idTag": "TAG-0",
                         "timestamp": "2026-11-20T22:00:00Z", "transactionData": [SAMPLE]}),
    ("DataTransfer", {"vendorId": "V", "data": "x"}),
    ("FirmwareStatusNotification", {"status": "Idle"}),
]  # fmt: skip
CALLS_2 = [
    ("BootNotification", BOOT_2),
    ("Heartbeat", {}),
    ("StatusNotification", {"timestamp": "2026-11-20T20:00:00Z", "connectorStatus": "Occupied",
                            "evseId": 1, "connectorId": 1}),
    ("Authorize", {"idToken": {"idToken": "TAG-0", "type": "ISO14443"}}),
    ("TransactionEvent", STORY),
    ("TransactionEvent", {**STORY, "eventType": "Updated", "seqNo": 1}),
    ("TransactionEvent", {**STORY, "eventType": "Ended", "seqNo": 2}),
    ("MeterValues", {"evseId": 1, "meterValue": [SAMPLE_2]}),
    ("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": {
        "requestedEnergyTransfer": "AC_three_phase",
        "acChargingParameters": {"energyAmount": 9000, "evMinCurrent": 6, "evMaxCurrent": 32,
                                 "evMaxVoltage": 400}}}),
    ("ReportChargingProfiles", {"requestId": 1, "chargingLimitSource": "CSO", "evseId": 1,
                                "chargingProfile": []}),
    ("NotifyEvent", {"generatedAt": "2026-11-20T20:00:00Z", "seqNo": 0, "eventData": []}),
]  # fmt: skip
