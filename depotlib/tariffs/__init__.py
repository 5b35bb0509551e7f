"""Tariffs: one file a component, which gives its bill line, its price terms and its file form.

Opens nothing: readers here take text that someone else has read.
"""
