"""OpenADR 3: a client (VEN) that asks a utility's server (VTN) for events and reports how they went.

Its capacity limits and SIMPLE levels become limits from outside, as if given at the HTTP door.
"""
