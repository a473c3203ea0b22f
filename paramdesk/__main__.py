"""`python -m paramdesk` is the same as the `paramdesk` command."""

import sys

from paramdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
