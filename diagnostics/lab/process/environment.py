"""Environment of the lab's processes, without certificates, proxies and libpq settings of this machine."""

import os
from collections.abc import Mapping

INHERITED = ("PATH", "TMPDIR")


def clean(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment with PATH, the C locale and the given variables."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {"PATH": os.defpath, **inherited, "LC_ALL": "C", **(extra or {})}
