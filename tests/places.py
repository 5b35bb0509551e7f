"""Where the tests find things."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
DATA: Final = ROOT / "data"
"""What the product ships: the demo depot, Leeds, tariffs."""
TEST_DATA: Final = ROOT / "tests" / "data"
"""What only tests read: samples and cases with their sources."""
