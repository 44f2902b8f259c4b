"""Run the command line as `python -m diagnostics.cli`, without an installed script."""

import sys

from diagnostics.cli.start import start

sys.exit(start())
