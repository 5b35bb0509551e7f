"""The audit: every promise of a plan checked against dwells and depot, without any solver.

Reads setpoints, windows, moves and header of the plan as they stand; shares no arithmetic with the
paths that made them.
"""
