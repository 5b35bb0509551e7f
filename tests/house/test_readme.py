"""The README's example runs and says what the README says it says; its length is bounded."""

import re
import subprocess
import sys

from tests.places import ROOT

README = (ROOT / "README.md").read_text()
LINES = 150  # the most a newcomer reads


def test_the_worked_example_prints_the_known_answer():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True
    )

    # data/reference_night/expected.json, price_and_demand: 9,476.8421 within 0.01.
    bill, gap = (float(number) for number in done.stdout.split())
    assert abs(bill - 9476.8421) < 0.01
    assert gap < 1e-8


def test_the_readme_is_short_and_its_pictures_are_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)

    assert len(README.splitlines()) <= LINES
    assert pictures
    assert [one for one in pictures if not (ROOT / one).exists()] == []
