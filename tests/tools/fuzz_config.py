"""Fuzzer of the application's configuration files: a document, or one line with the reason.

Usage: python -m tests.tools.fuzz_config --seconds 60 --seed 1
"""

import random
import sys
import tempfile
from pathlib import Path
from typing import Final

from diagnostics.clients.config.file import read
from diagnostics.errors import CannotTell
from tests.support.fuzzing import main, mutated
from tests.tools.fuzz_records import YAML_WORDS

FILES: Final = {
    "app.yaml": b"api_key: x\nmin_amount: {USD: 1.5}\nlist: [a, &b c, *b]\nday: 2024-01-01\nno: !!int 5\n",
    ".env": b'export A=1\nCLEARPAY_B="x"\nMIN_AMOUNT_USD=5\nSUPPORTED_CURRENCIES=USD,EUR\nC=${D:-e}\n',
    "app.json": b'{"a": [1, 2.5], "b": {"c": null, "a": "\\u00e4"}, "a": 1e5}',
    "app.toml": b"a = 1\n[b]\nc = 'x'\nd = [1, {e = 2020-01-01}]\n",
    "app.py": b"import os\nA = {'x': 1, 'y': os.environ['Z']}\nB = Decimal('1.5')\nC = 60 * 60\nD = -5\n",
}


def attempt(source: random.Random) -> None:
    """Read a mutated file."""
    name = source.choice(sorted(FILES))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(mutated(FILES[name], source, YAML_WORDS))
        try:
            read(path)
        except CannotTell as error:
            _ = str(error).encode()


if __name__ == "__main__":
    sys.exit(main("fuzz_config", attempt))
