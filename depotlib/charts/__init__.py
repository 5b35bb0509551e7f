"""Charts: a frame in, a figure out. No page, no query, no rounding of data.

The only door to Plotly.
"""
