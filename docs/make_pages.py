"""Run every notebook and publish it as a page: ``python -m docs.make_pages [NAME ...]``.

The pages stand in ``build/docs`` with what they need beside them: no page asks an outside address.
A notebook whose figures do not hold ends the run.
"""

import argparse
import html
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nbformat
import plotly.graph_objects as go
import plotly.io
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from plotly.offline import get_plotlyjs

ROOT: Final = Path(__file__).resolve().parent.parent
NOTEBOOKS: Final = ROOT / "notebooks"
PAGES: Final = ROOT / "build" / "docs"
PLOTLY: Final = "plotly.min.js"
"""One file for all pages: it is larger than all of them together."""
FIGURE: Final = "application/vnd.plotly.v1+json"
CELL_S: Final = 600
STYLE: Final = """\
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c2430; background: #fff; }
h1 { line-height: 1.25; } h2 { margin-top: 2.5rem; }
a { color: #0b5394; }
.input_prompt, .output_prompt, .prompt, .anchor-link { display: none; }
.highlight pre, .output_text pre, .output_stream pre { overflow-x: auto; border-radius: 4px;
  padding: .7rem .9rem; font-size: .84rem; line-height: 1.45; }
.highlight pre { background: #f4f6f8; }
.output_text pre, .output_stream pre { border-left: 3px solid #b8c4d0; }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums; }
td, th { padding: .25rem .6rem; border-bottom: 1px solid #d8dee5; text-align: right; }
.output_html { overflow-x: auto; }
"""


@dataclass(frozen=True, slots=True)
class Published:
    """A page that was written.

    Parameters
    ----------
    path : Path
    title : str
        The question of its notebook.
    cpu_s, wall_s : float
        What it took to run [s]; the kernel's own processor time.
    """

    path: Path
    title: str
    cpu_s: float
    wall_s: float


def publish(path: Path, folder: Path) -> Published:
    """Return the page of a notebook that was run from top to bottom.

    Parameters
    ----------
    path : Path
        The notebook; it is not changed.
    folder : Path
        Of pages.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails, as where a figure of the text does not hold.
    """
    notebook = nbformat.read(path, as_version=4)
    began_s = time.monotonic()
    cpu_s = _run(notebook, folder=path.parent)
    wall_s = time.monotonic() - began_s
    title = _title(notebook, otherwise=path.stem)
    page = folder / f"{path.stem}.html"
    page.write_text(page_of(notebook, title), encoding="utf-8")
    return Published(page, title, cpu_s, wall_s)


def page_of(notebook: NotebookNode, title: str) -> str:
    """Return a notebook that has run as a page, its figures drawn by the one script beside it."""
    _draw_figures(notebook)
    body, resources = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    script = f'<script src="{PLOTLY}"></script>' if "Plotly.newPlot" in body else ""
    colours = "\n".join(resources["inlining"]["css"])
    return _shell(
        title,
        head=f"<style>{colours}</style>{script}",
        body=f'<p><a href="index.html">All notebooks</a></p>\n{body}',
    )


def write_index(published: Sequence[Published], folder: Path) -> Path:
    """Return the page that names all others, written with the script that they share."""
    (folder / PLOTLY).write_text(get_plotlyjs(), encoding="utf-8")
    lines = [
        f'<li><a href="{one.path.name}">{html.escape(one.title)}</a></li>' for one in published
    ]
    body = f"<h1>depotlib: notebooks</h1>\n<ul>\n{chr(10).join(lines)}\n</ul>"
    index = folder / "index.html"
    index.write_text(_shell("depotlib: notebooks", head="", body=body), encoding="utf-8")
    return index


def main(names: Sequence[str], folder: Path) -> None:
    """Publish notebooks (all of them, unless some are named), and say what each took."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    published: list[Published] = []
    for path in [one for one in paths if not names or one.stem in names]:
        done = publish(path, folder)
        published.append(done)
        _say(f"{path.stem}: {done.cpu_s:.0f} s of the processor, {done.wall_s:.0f} s")
    _say(str(write_index(published, folder)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _run(notebook: NotebookNode, *, folder: Path) -> float:
    """Return the processor time that a notebook's kernel took to run it [s]; outputs stay in it."""
    client = NotebookClient(
        notebook,
        timeout=CELL_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    # Figures as data, whatever the environment would draw them with.
    clock = nbformat.v4.new_code_cell(
        "import os, time\nfrom plotly.io import renderers\nrenderers.default = 'plotly_mimetype'"
    )
    told = nbformat.v4.new_code_cell(
        "spent = os.times()\nsum(spent[:4])  # this process and those that it waited for"
    )
    own = list(notebook.cells)
    notebook.cells = [clock, *own, told]
    try:
        client.execute()
    finally:
        notebook.cells = own
    return float(told.outputs[0]["data"]["text/plain"])


def _draw_figures(notebook: NotebookNode) -> None:
    """Replace each figure's data by the mark-up that draws it, with its words for who cannot see."""
    number = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            told = output.get("data", {}).get(FIGURE)
            if told is None:
                continue
            number += 1
            figure = go.Figure(data=told.get("data"), layout=told.get("layout"))
            drawn = plotly.io.to_html(
                figure,
                include_plotlyjs=False,
                include_mathjax=False,
                full_html=False,
                div_id=f"figure-{number}",
                config={"displaylogo": False, "responsive": True},
            )
            alt = html.escape(str((figure.layout.meta or {}).get("alt", "")), quote=True)
            output["data"] = {"text/html": f'<div role="img" aria-label="{alt}">{drawn}</div>'}


def _title(notebook: NotebookNode, *, otherwise: str) -> str:
    first = "".join(notebook.cells[0].source) if notebook.cells else ""
    found = re.match(r"# (.+)", first)
    return found[1].strip() if found else otherwise


def _shell(title: str, *, head: str, body: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n{head}\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="of notebooks; none: all")
    parser.add_argument("--folder", type=Path, default=PAGES)
    given = parser.parse_args()
    main(given.names, given.folder)
