"""Files of a project that are not its program: tests, examples, documentation, migrations, vendored code."""

import re
from collections.abc import Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

DEFAULT = (
    "test/",
    "tests/",
    "testing/",
    "*_tests/",
    "test_*/",
    "conftest.py",
    "test_*.py",
    "*_test.py",
    "test.py",
    "test[0-9]*.py",
    "testing.py",
    "testing_*.py",
    "*_testing.py",
    "tests.py",
    "fixtures/",
    "factories/",
    "factories.py",
    "mocks/",
    "e2e/",
    "example/",
    "examples/",
    "*-examples/",
    "sample/",
    "samples/",
    "*example*.py",
    "demo/",
    "docs/",
    "doc/",
    "migrations/",
    "migrations.py",
    "alembic/versions/",
    "migration/",
    "vendor/",
    "vendored/",
    "_vendor/",
    "third_party/",
    "site-packages/",
    "node_modules/",
    "__pycache__/",
    "benchmarks/",
    "dev/",
    "scripts-dev/",
    "dev_tools/",
    "devtools/",
    "contrib/",
    "tools/",
    "ci/",
    "locust*/",
    "locustfile.py",
    "*loadtest*.py",
    "e2e*/",
    "pytest_plugin.py",
    "schema/**/delta/",
    ".*/",
)
"""Patterns, as in .gitignore, of what is left out unless the target includes it."""
IGNORE_FILE = ".gitignore"
MAX_IGNORE_BYTES = 200_000
MIGRATION = re.compile(rb"^revision(?:: str)? = ['\"]\w+['\"]$.*^down_revision", re.MULTILINE | re.DOTALL)
"""Head of a migration of Alembic, whatever the folder is called."""


TOOLING = re.compile(
    rb"^(?:from|import) (?:invoke|fabric|gitlint|nox|locust|aws_cdk|setuptools|pytest)\b", re.MULTILINE
)
"""Libraries of programs that build, deploy and test a project."""


class Exclusions:
    """Patterns that leave files out: ours, the target's, and those of .gitignore in each folder."""

    def __init__(self, root: Path, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> None:
        self._root = root
        self._default = GitIgnoreSpec.from_lines(DEFAULT)
        self._exclude = GitIgnoreSpec.from_lines(exclude)
        self._include = GitIgnoreSpec.from_lines(include)
        self._includes_any = bool(include)
        self._ignored: dict[Path, GitIgnoreSpec | None] = {}

    def leaves_out(self, path: Path, *, folder: bool = False) -> bool:
        """Return True if a file or a folder below the root is left out.

        `exclude` of the target wins over its `include`, and that over the default and over .gitignore.
        """
        name = self._name(path, self._root, folder=folder)
        if self._exclude.match_file(name):
            return True
        if self._includes_any and self._include.match_file(name):
            return False
        if self._default.match_file(name) or self._is_ignored(path, folder=folder):
            return not (folder and self._includes_any)  # a file below may be included
        return False

    def _is_ignored(self, path: Path, *, folder: bool) -> bool:
        """Return the verdict of the nearest .gitignore that has a pattern for a path."""
        for parent in path.parents:
            spec = self._spec(parent)
            if spec is not None:
                result = spec.check_file(self._name(path, parent, folder=folder))
                if result.include is not None:
                    return result.include
            if parent == self._root:
                break
        return False

    def _spec(self, folder: Path) -> GitIgnoreSpec | None:
        if folder not in self._ignored:
            self._ignored[folder] = _read(folder / IGNORE_FILE)
        return self._ignored[folder]

    @staticmethod
    def _name(path: Path, root: Path, *, folder: bool) -> str:
        return path.relative_to(root).as_posix() + ("/" if folder else "")


def is_migration(source: bytes) -> bool:
    """Return True for a migration of Alembic by its text."""
    return b"down_revision" in source and MIGRATION.search(source[:5000]) is not None


def is_tooling(source: bytes) -> bool:
    """Return True for a program that builds, deploys or tests a project, by what it imports."""
    return TOOLING.search(source) is not None


def _read(path: Path) -> GitIgnoreSpec | None:
    """Return the patterns of a .gitignore; None without one or if it cannot be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            text = file.read(MAX_IGNORE_BYTES).decode("utf-8", "replace")
        return GitIgnoreSpec.from_lines(text.splitlines())
    except (OSError, ValueError):
        return None
