"""Go-live drills: one file a drill; each plays a depot in real processes and gives a verdict.

A drill starts the shipped gateway, dispatch and virtual stations in a folder of its own and judges
by the stations' own meters and the journal. It opens no library of its own.
"""
