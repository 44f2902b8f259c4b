"""Diagnosis of live systems: probes, the engine that runs them, and the verdicts that follow.

The Python API is `from diagnostics import check, diagnose`; see `diagnostics.api`.
"""

TYPE_CHECKING = False  # typing takes longer to import than the rest of a start

if TYPE_CHECKING:
    from diagnostics.api import check as check
    from diagnostics.api import diagnose as diagnose

__all__ = ["check", "diagnose"]


def __getattr__(name: str) -> object:
    """Import the functions of the API on first access, so that the command line does not load them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from diagnostics import api  # noqa: PLC0415  loads the engine and the entries

    return getattr(api, name)
