"""Texts and numbers as they stand in exports, made instants, durations and quantities.

What can be read in two ways (day or month first, comma or point, percent or fraction) is judged
over a whole column, never row by row, and said in the findings.
"""
