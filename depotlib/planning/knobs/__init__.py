"""Knobs: what a depot may prefer among plans that are equally ready, and what that costs.

Fairness among equals, earliest or latest, battery care with its price, slack before departures.
Readiness is never given up for any of them but slack, which says what it takes.
"""
