"""The lock files are in step with pyproject.toml: pinned, within range, hashed, and agreeing."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN = re.compile(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)((?:.*\\\n(?: +--hash=\S+.*\n)+)?)", re.MULTILINE)
RUNTIME = (ROOT / "requirements.txt").read_text()
DEV = (ROOT / "requirements-dev.txt").read_text()


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions of each package: more than one where they depend on the Python."""
    found: dict[str, set[str]] = {}
    for name, version, _ in PIN.findall(lock):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def out_of_step(requirements: list[str], *, lock: str) -> list[str]:
    held = pins(lock)
    return [
        line
        for line in requirements
        if not (versions := held.get(canonicalize_name(Requirement(line).name)))
        or not all(Requirement(line).specifier.contains(version) for version in versions)
    ]


def unhashed(lock: str) -> list[str]:
    return [name for name, _, hashes in PIN.findall(lock) if "sha256:" not in hashes]


def test_the_runtime_lock_holds_every_dependency_within_its_range():
    assert out_of_step(PROJECT["dependencies"], lock=RUNTIME) == []


def test_the_test_lock_holds_every_dependency_of_both_kinds():
    everything = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]

    assert out_of_step(everything, lock=DEV) == []


def test_the_two_locks_agree():
    runtime, dev = pins(RUNTIME), pins(DEV)

    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_pin_has_its_hashes():
    assert unhashed(RUNTIME) + unhashed(DEV) == []


def test_the_rule_catches_a_violation():
    lock = "polars==1.0.0 \\\n    --hash=sha256:00\nrich==15.0\n"

    assert out_of_step(["polars>=2.1,<3", "rich", "typer"], lock=lock) == [
        "polars>=2.1,<3",
        "typer",
    ]
    assert unhashed(lock) == ["rich"]
