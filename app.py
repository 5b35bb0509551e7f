"""The workbench: ``python -m streamlit run app.py``, or any ASGI server on ``app:app``.

Only a wrapper. Pages open themselves, and the registry of pages is in `depotlib/ui/entry.py`.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from depotlib.ui.addresses import page_routes
from depotlib.ui.entry import ROOT, run_workbench

app = st.App(ROOT / "depotlib" / "ui" / "entry.py", routes=page_routes())

# Run as a script (a host that knows no ASGI, a test): the same workbench.
if get_script_run_ctx(suppress_warning=True) is not None:
    run_workbench()
