"""The yard: which vehicle has which connector when, and who drives whom there.

`assign_windows` makes the windows, `occupancy` checks any windows independently of how they were
made, `bounds` counts the swaps that no plan can do without.
"""
