"""Planning: from a problem to an audited, explained plan, and the baselines to compare it with.

The only door to OR-Tools. Opens nothing and waits for nothing.
"""
