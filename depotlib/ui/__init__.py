"""What pages share: opening, state, cached answers, pickers, tables, words. Asks workflows only.

With `pages/` and `app.py` the only door to Streamlit.
"""
