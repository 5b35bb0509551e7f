"""Gateway: the OCPP central system, with connections, stations, versions and safety.

With `virtual`, the only door to `ocpp` and `websockets`. Knows the model and the mailbox only.
"""
