"""A result as a file that leaves the house: a page to print, a workbook, rows, a notebook.

What a report says is a `Report`; each way of writing one is a file of its own, and opens nothing.
"""
