"""Where an unexpected error arose: places in code, and no value of any variable."""

import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def places(error: BaseException) -> tuple[str, ...]:
    """`file:line in function` of each frame, the innermost last; our own files without what leads to them."""
    found = traceback.extract_tb(error.__traceback__)
    return tuple(f"{_name(frame.filename)}:{frame.lineno} in {frame.name}" for frame in found)


def _name(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])
