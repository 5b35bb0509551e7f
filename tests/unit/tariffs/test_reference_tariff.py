import json
import subprocess
import sys

from tests.places import DATA

FOLDER = DATA / "reference_night"


def test_the_script_writes_the_tariff_that_is_shipped(tmp_path):
    script = tmp_path / "make_tariff.py"
    script.write_bytes((FOLDER / "make_tariff.py").read_bytes())

    subprocess.run([sys.executable, str(script)], check=True)

    written = json.loads((tmp_path / "tariff.json").read_text())
    assert written == json.loads((FOLDER / "tariff.json").read_text())
