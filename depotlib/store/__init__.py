"""Store: the warehouse, by connections that live for one `with` block. Frames out.

The only door to the DuckDB file.

===========  =====================================================================
connection   `reading` and `writing`: one block, one turn, one transaction
imports      `write_import`: one file, every source row accounted for once
sessions     what was charged
load         the load that sessions made, under a stated assumption
matching     sessions that telematics and a charging station both told of
telematics   what vehicles reported
trips        what vehicles drove
duties       what they were to drive, as announced
assignments  who drove which vehicle
vehicles     vehicles as vendors list them
prices       market prices
meter        what meters read, as a load profile
journal      the live side's journal, as collected
rebuild      the same warehouse again, from the kept raw files
catalogue    depots, fleets, identities, duties, policies, tariff records
plans        plans, kept whole
setting      small facts by name
raw          raw files, by what they hold
===========  =====================================================================
"""
