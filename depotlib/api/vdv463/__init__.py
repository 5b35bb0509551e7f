"""VDV 463 over a WebSocket: charging requests of depot systems in, charging information out.

The field names are those of the published JSON schemas; see docs/vdv463.md for what they leave open.
"""
