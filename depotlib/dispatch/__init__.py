"""Dispatch: the live loop, synchronous: what changed, a problem, a plan, a release.

Never speaks OCPP and never opens the warehouse.
"""
