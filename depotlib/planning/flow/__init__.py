"""The exact fast path: a night's plan as a flow through tasks, limits and intervals.

Holds for problems without storage, taper, export and minimum power: there the fleet energies per
interval that the limits allow form a polymatroid, and maximum flows describe all of it.
"""
