"""The environment of what the lab starts: none of this machine's certificates, proxies, libpq settings."""

import os
from collections.abc import Mapping

KEPT = ("PATH", "TMPDIR")


def clean(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment with a path, the C locale and what is given."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", **(extra or {})}
