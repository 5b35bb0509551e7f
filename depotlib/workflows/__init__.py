"""Workflows: the crossroads, one file for each thing a person can ask for.

Pages, notebooks and commands call these and `charts`, nothing deeper.
"""
