"""Programs of the system that some tests need: a test is skipped without them, and fails under CI=true."""

import os
import shutil

import pytest

SEARCH_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def needs(program: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test without the program; under CI=true the test runs, and fails."""
    missing = shutil.which(program, path=SEARCH_PATH) is None
    return pytest.mark.skipif(
        missing and os.environ.get("CI") != "true", reason=f"{program} is not installed: make system-deps"
    )


needs_pgbouncer = needs("pgbouncer")
needs_nginx = needs("nginx")
