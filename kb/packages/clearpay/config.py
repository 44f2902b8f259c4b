"""The application's configuration files, one per role, with their paths in the environment."""

import json
import os
import runpy
import tomllib
from pathlib import Path
from typing import Any


def load(role: str) -> dict[str, Any]:
    """Load the settings of a role from the file in CLEARPAY_<ROLE>_FILE."""
    path = Path(os.environ[f"CLEARPAY_{role.upper()}_FILE"])
    match path.suffix:
        case ".py":
            variables = runpy.run_path(str(path))
            return dict(next(value for name, value in variables.items() if name.startswith("CLEARPAY")))
        case ".toml":
            document = tomllib.loads(path.read_text("utf-8"))
            return dict(document.get("clearpay", document))
        case ".json":
            return dict(json.loads(path.read_text("utf-8")))
        case _:
            return _environment_file(path)


def _environment_file(path: Path) -> dict[str, Any]:
    lines = [line.partition("=") for line in path.read_text("utf-8").splitlines() if "=" in line]
    return {name.removeprefix("CLEARPAY_").lower(): value.strip('"') for name, _, value in lines}
