"""No file holds the address of a package registry or mirror: where to install from is a setting."""

from tests.house.source_tree import label, tracked_files

# In parts, so that this file passes its own test.
HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("anaconda", "org"),
        ("proxy", "golang", "org"),
    ]
] + ["--index" + "-url", "--extra-index" + "-url", "/opt/" + "pypi"]


def addresses(text: str) -> list[str]:
    return [host for host in HOSTS if host in text]


def test_no_file_names_a_registry():
    texts = {label(path): path.read_bytes().decode("utf-8", "ignore") for path in tracked_files()}

    assert {name: found for name, text in texts.items() if (found := addresses(text))} == {}


def test_the_rule_catches_a_violation():
    assert addresses(f"curl https://{HOSTS[0]}/simple/polars")
    assert addresses(f"pip install {HOSTS[-2]} x")
    assert addresses("pip install polars") == []
