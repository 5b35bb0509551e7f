"""``python -m depotlib`` is ``depot``."""

from depotlib.cli.main import run

if __name__ == "__main__":
    run()
