"""``depot doctor``: checks the set-up and says what is wrong."""

from depotlib.cli.printing import EXIT_BAD_INPUT, EXIT_DONE, print_json
from depotlib.settings import read_settings
from depotlib.workflows.check_setup import check_setup


def command() -> int:
    """Check versions, folder, ports, store and mailbox."""
    checks = check_setup(read_settings())
    print_json({"checks": checks})
    return EXIT_DONE if all(check.is_well for check in checks) else EXIT_BAD_INPUT
