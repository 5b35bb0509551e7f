"""Files are small, and those that have a grammar parse."""

import json
import tomllib
from pathlib import Path

import yaml

from tests.house.source_tree import label, tracked_files

MAX_BYTES = 2_000_000
PARSERS = {
    ".toml": tomllib.loads,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
    ".yml": lambda text: list(yaml.safe_load_all(text)),
    ".json": json.loads,
    ".ipynb": json.loads,
}


def misshapen(path: Path) -> list[str]:
    size = path.stat().st_size
    found = [f"{path.name} has {size} bytes; the most is {MAX_BYTES}"] if size > MAX_BYTES else []
    try:
        PARSERS.get(path.suffix, lambda _: None)(path.read_bytes().decode("utf-8", "replace"))
    except ValueError as error:
        found.append(f"{path.name} does not parse: {error}")
    except yaml.YAMLError as error:
        found.append(f"{path.name} does not parse: {error}")
    return found


def is_meant_to_be_broken(path: Path) -> bool:
    """Return whether a sample under tests/data says by its name that it is damaged."""
    return label(path).startswith("tests/data") and any(
        word in path.name for word in ("broken", "truncated", "wrong", "bad_", "empty")
    )


def test_every_file_is_small_and_parses():
    files = [path for path in tracked_files() if not is_meant_to_be_broken(path)]

    assert [found for path in files for found in misshapen(path)] == []


def test_the_rule_catches_a_violation(tmp_path):
    (tmp_path / "a.toml").write_text("x = ")
    (tmp_path / "b.json").write_text("{")
    (tmp_path / "c.yaml").write_text("a: [")
    (tmp_path / "d.csv").write_bytes(b"0" * (MAX_BYTES + 1))

    assert all(misshapen(path) for path in tmp_path.iterdir())
