"""The morning after: facts of a night -> replay -> what each cause took of the energy missing.

Pure: it opens nothing and waits for nothing. `told` puts the journal's words together, `evidence`
lays them beside the plan minute by minute, `replay` plays a stay with some facts corrected, and
`attribution` gives every missing watt-hour to one cause.
"""
