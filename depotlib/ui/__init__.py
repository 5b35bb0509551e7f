"""Ui: what the pages share: opening, state, loading, picking, tables and wording.

With `pages/`, the only door to Streamlit.
"""
