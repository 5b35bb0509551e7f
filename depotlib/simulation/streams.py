"""Streams of chance: one for each seed, night and thing, so that scenarios share their draws."""

import zlib

import numpy as np


def stream(seed: int, night: int, *, key: str) -> np.random.Generator:
    """Return the generator of one thing in one night.

    It depends on nothing else: another policy, another number of stations or vehicles draws the
    same for everybody who is in both scenarios (common random numbers).

    Parameters
    ----------
    seed, night : int
        0 or more.
    key : str
        ``night``, ``stay:van-07/0``, ``station:AC-01``.
    """
    return np.random.default_rng((seed, night, zlib.crc32(key.encode())))
