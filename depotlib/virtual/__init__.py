"""Virtual: charging stations and vehicles that are not there, and their faults.

OCPP clients with the battery of `depotlib.model.battery`. With `gateway`, the only door to
`ocpp` and `websockets`.
"""
