"""Notebooks become pages that need nothing from outside; one page a notebook."""

import re
from pathlib import Path

import nbformat
import pytest

from docs.make_pages import FIGURE, NOTEBOOKS, PLOTLY, main, page_of

OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|@import|url\(\s*["']?https?:""")


def ran(*outputs):
    """A notebook whose one cell has some outputs."""
    cell = nbformat.v4.new_code_cell("1 + 1", outputs=list(outputs), execution_count=1)
    words = nbformat.v4.new_markdown_cell("# What is one and one?\n\nIt costs \\$2.")
    return nbformat.v4.new_notebook(cells=[words, cell])


def test_a_page_draws_its_figures_by_the_script_beside_it():
    figure = {
        "data": [{"type": "bar", "x": ["one"], "y": [2.0]}],
        "layout": {"meta": {"alt": "A bar < 3."}},
    }
    output = nbformat.v4.new_output("display_data", data={FIGURE: figure})

    page = page_of(ran(output), "What is one and one?")

    assert f'<script src="{PLOTLY}"></script>' in page
    assert 'id="figure-1"' in page
    assert 'aria-label="A bar &lt; 3."' in page
    assert "<title>What is one and one?</title>" in page
    assert "It costs $2." in page
    assert not OUTSIDE.search(page)


def test_a_page_without_figures_has_no_script():
    output = nbformat.v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=1)

    page = page_of(ran(output), "What is one and one?")

    assert "<script" not in page
    assert "1 + 1" in re.sub(r"<[^>]+>", "", page)


def test_an_outside_address_would_be_seen():
    assert OUTSIDE.search('<script src="https://elsewhere.example/x.js">')
    assert OUTSIDE.search("<link href='//elsewhere.example/x.css'>")
    assert not OUTSIDE.search('<a href="index.html">')


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_notebook_has_a_page_that_needs_nothing_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    main([], tmp_path / "docs")

    pages = {path.stem: path.read_text() for path in (tmp_path / "docs").glob("*.html")}
    index = pages.pop("index")
    assert set(pages) == {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    assert [name for name in pages if f'href="{name}.html"' not in index] == []
    assert [name for name, page in pages.items() if OUTSIDE.search(page)] == []
    assert sum("Plotly.newPlot" in page for page in pages.values()) >= 5
    assert (tmp_path / "docs" / PLOTLY).stat().st_size > 1_000_000
