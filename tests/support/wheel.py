"""The wheel of the working tree, built and installed without an index."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build_wheel(folder: Path) -> Path:
    """Build the wheel in a folder and return its path."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, check=True, capture_output=True, cwd=ROOT, timeout=120)
    (path,) = folder.glob("*.whl")
    return path


def install_wheel(wheel: Path, folder: Path, *, with_pip: bool = False) -> Path:
    """Install a wheel in a new environment with the dependencies of this one; return its folder of commands.

    A plain line in a `.pth` file adds a folder without reading the `.pth` files in it, so an editable install
    of this project stays invisible.
    """
    venv.create(folder, with_pip=with_pip)
    python = folder / "bin" / "python"
    target = next(folder.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install"]
    options = ["--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*pip, *options], check=True, capture_output=True, timeout=120)
    dependencies = [path for path in sys.path if path.endswith("site-packages")]
    (target / "dependencies.pth").write_text("\n".join(dependencies) + "\n", "utf-8")
    return folder / "bin"
