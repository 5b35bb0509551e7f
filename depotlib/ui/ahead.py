"""What draws charts, fetched while the reader still looks at a page that has none.

Streamlit asks for Plotly, the largest script of all, once the first chart is there to be drawn;
whoever goes from Home to a page with charts would wait for it then.
"""

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

SCRIPTS: Final = Path(st.__file__).parent / "static" / "static" / "js"
_FETCH: Final = """<script type="module">
(window.requestIdleCallback ?? setTimeout)(() => import("./static/js/{name}"))
</script>"""


def fetch_charts_ahead() -> None:
    """Let the browser load what draws charts, once it has nothing else to do."""
    name = charts_script()
    if name is not None:
        st.html(_FETCH.format(name=name), unsafe_allow_javascript=True)


@cache
def charts_script() -> str | None:
    """Return the file of Streamlit that draws Plotly's charts; None: this version has none so named."""
    found = sorted(SCRIPTS.glob("PlotlyChart.*.js"))
    return found[0].name if len(found) == 1 else None
