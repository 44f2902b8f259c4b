"""What is seen: probes, the engine that runs them, and what their findings mean.

`from diagnostics import check, diagnose` is the whole of it for Python; see `diagnostics.api`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.api import check as check
    from diagnostics.api import diagnose as diagnose

__all__ = ["check", "diagnose"]


def __getattr__(name: str) -> object:
    """The functions for Python, imported when one is asked for: the command line pays nothing for them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from diagnostics import api  # noqa: PLC0415  the engine and the records are not free

    return getattr(api, name)
