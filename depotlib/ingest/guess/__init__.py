"""What an unknown table may hold: a column mapping guessed from its header and its values.

A guess is a proposal with its reasons, for a person to confirm; nothing is read by one unseen.
"""
