"""Nights played forward under any control policy: arrivals, tapers, limits, plugs, faults.

One call: `depotlib.simulation.play.play_nights`, from a frozen `scenario.Scenario` to a frozen
`outcome.ScenarioOutcome`. Both are plain values that can be pickled, and the seed is inside: equal
scenarios have equal outcomes on every machine. No sockets and no clock; opens nothing.

What may happen: `scenario`, `sampling`, `streams`. The night as it goes: `play`, `yard`, `vehicle`.
Who gets power: `policies`, `rules`, `greedy`, `planned`. What comes of it: `outcome`, `tally`,
`settlement`.
"""
