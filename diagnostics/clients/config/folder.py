"""Configuration files in the folder of a project, found by their names."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from diagnostics.clients.config.document import reader_of

MAX_FILES: Final = 300
MAX_FOLDERS: Final = 20_000
LEFT_OUT: Final = frozenset(
    [
        "node_modules",
        "vendor",
        "third_party",
        "venv",
        "env",
        "site-packages",
        "dist",
        "build",
        "target",
        "test",
        "tests",
        "testing",
        "spec",
        "specs",
        "e2e",
        "__tests__",
        "__pycache__",
        "doc",
        "docs",
        "documentation",
        "example",
        "examples",
        "fixtures",
        "mocks",
        "migrations",
        "locale",
        "locales",
        "i18n",
        "translations",
        "static",
        "assets",
        "public",
        "coverage",
    ]
)
"""Folders whose files configure something else than the application."""
_NAMES: Final = re.compile(
    r"(?:^|[._-])(?:env|settings?|config|configuration|conf|local|production|staging|payments?|currenc(?:y|ies)|"
    r"stripe|adyen|paypal|braintree|mollie|square|webhooks?|logging|logger|timeouts?|network|application|"
    r"appsettings|alembic|compose|values|render|secrets?|configmap|app)(?:[._-]|$)",
    re.IGNORECASE,
)
_TESTS: Final = re.compile(r"(?:^|[._-])tests?(?:ing)?(?:[._-]|$)|^conftest\.", re.IGNORECASE)
"""Names of files that configure tests."""
_DEPLOYMENT: Final = frozenset(
    [
        "settings",
        "config",
        "conf",
        "deploy",
        "deployment",
        "deployments",
        "k8s",
        "kubernetes",
        "manifests",
        "helm",
        "kustomize",
        "infra",
    ]
)
"""Folders all of whose files may be configuration."""


def configuration_files(folder: Path) -> list[Path]:
    """Return at most MAX_FILES files of a folder that may configure the application, in a stable order."""
    found: list[Path] = []
    for path in _matching_files(folder):
        if len(found) == MAX_FILES:
            break
        found.append(path)
    return found


def _matching_files(folder: Path) -> Iterator[Path]:
    for visited, (parent, folders, files) in enumerate(os.walk(folder), 1):
        if visited > MAX_FOLDERS:
            return
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name.lower() not in LEFT_OUT
        )
        place = Path(parent)
        for name in sorted(files):
            if (
                reader_of(name)
                and not _TESTS.search(name)
                and (_NAMES.search(name) or _is_deployment(place, folder, name))
            ):
                path = place / name
                if path.is_file() and not path.is_symlink():
                    yield path


def _is_deployment(place: Path, folder: Path, name: str) -> bool:
    if place == folder or name.startswith("__"):
        return False
    return any(part.lower() in _DEPLOYMENT for part in place.relative_to(folder).parts[-2:])
