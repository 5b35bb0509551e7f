"""The site's meter: one client a protocol behind `MeterClient`, and what follows from readings.

The only door to `pymodbus` and `aiomqtt`. `site_meter` is pure; the clients move bytes only.
"""
