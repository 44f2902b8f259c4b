"""`python -m diagnostics.cli`: the command line without an installed script."""

import sys

from diagnostics.cli.main import main

sys.exit(main())
