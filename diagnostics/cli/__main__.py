"""Run the command line as `python -m diagnostics.cli`, without an installed script."""

import sys

from diagnostics.cli.main import main

sys.exit(main())
