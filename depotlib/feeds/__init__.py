"""Feeds: telematics that come by themselves, from vendors' APIs and a watched folder.

Writes the latest state of each vehicle into the exchange and nothing else. Speaks HTTP by the
standard library; reads files by the sources of `ingest`.
"""
