"""Grids of scenarios over simulation and planning, on this machine or on a cluster.

One scenario is a pure function of its parameters, and its result a row in a file that is named
after the content of both: what was run once is never run again, whoever runs it and where.
A scenario that fails is a row with its reason. The only room that imports Dask.

What a study is: `declaration`, `identity`. How it is run: `runner` over `pool` or `cluster`,
`evaluation` in the worker, `row_folder` on the disk. What its rows say: `frontier`, `tornado`,
`paired`, `band`, `break_even`, `worth`, `stopping`. Nights as scenarios: `knob`, `night_row`.
"""
