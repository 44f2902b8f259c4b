"""The matcher of the site and that of the command line give the same matches for mutated texts.

`FUZZ_TEXTS=3000` is the long form (`make fuzz`). Node.js runs the scripts of the site; without it the tests
of the browser compare the two on the collection.
"""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kb.matching.index_compiler import compile_index
from kb.matching.matcher import match
from kb.records.loader import load_entries
from kb.text.sanitize import clean
from site_docs.facts import ROOT
from site_docs.page_types.match_box import SCRIPTS, match_data
from tests.site.shipped import FACTS
from tests.support.additions import ADDITIONS
from tests.tools.match_score import PARTS, SCORED_ONCE, texts

NODE = shutil.which("node")
COUNT = int(os.environ.get("FUZZ_TEXTS", "250"))
ODD = (
    ('{"time": 1795975207.5, "level": "error", "msg": "deadlock detected", "n": [1.0, 1e5, true], '
    '"2": 1, "1": 2}'),
    "26/11/29 18:00:07 WARN x", "Nov 29 18:00:07 web app[7]: ", "web-1  | ",
    "2026-11-29T18:00:07.1239+01:00 ERROR ", "1795975207250 ", "Traceback (most recent call last):",
    '  File "a.py", line 1, in b', "During handling of the above", "Caused by: ", "```", "}", "{",
    "redis ok", "ERREUR:  ", "\t", "İ", "😀",
)  # fmt: skip


def mutated(random_: random.Random, bodies: list[str]) -> str:
    """Return a text of the collection after a few changes."""
    text = random_.choice(bodies)
    for _ in range(random_.randrange(4)):
        lines = text.split("\n")
        at = random_.randrange(len(lines))
        kind = random_.randrange(5)
        if kind == 0:
            text = random_.choice([*ADDITIONS.values()])(text)
        elif kind == 1:
            lines.insert(at, random_.choice(ODD))
            text = "\n".join(lines)
        elif kind == 2:
            del lines[at]
            text = "\n".join(lines)
        elif kind == 3:
            lines[at] = random_.choice(ODD) + lines[at]
            text = "\n".join(lines)
        else:
            text = f"{text}\n{random_.choice(bodies)}"
    return text[:4000]


def in_node(folder: Path, inputs: list[str]) -> list[dict[str, Any]]:
    """Return the answers of the site's scripts."""
    data = folder / "knowledge.js"
    data.write_text(match_data(FACTS).text, "utf-8")
    scripts = [ROOT / "site_docs" / "pages" / "assets" / "match" / f"{name}.js" for name in SCRIPTS]
    command = [NODE or "node", str(Path(__file__).with_name("match_in_node.js")), str(data)]
    command += [str(script) for script in scripts if script.stem != "box"]
    run = subprocess.run(command, input=json.dumps(inputs), capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    return answers


@pytest.mark.skipif(NODE is None and not os.environ.get("CI"), reason="needs Node.js")
def test_both_matchers_agree_on_mutated_texts(tmp_path: Path) -> None:
    random_ = random.Random(14)  # noqa: S311  reproducible texts
    bodies = [text.body for part in PARTS if part not in SCORED_ONCE for text in texts(part)]
    inputs = [mutated(random_, bodies) for _ in range(COUNT)]
    index = compile_index(load_entries().values())

    different = [
        (text, expected, answer)
        for text, answer in zip(inputs, in_node(tmp_path, inputs), strict=True)
        if (expected := expectation(text, index)) != answer
    ]

    assert not different, f"{len(different)} differ, first: {different[0]}"


def expectation(text: str, index: Any) -> dict[str, Any]:
    """Return what the command line finds, as JSON has it."""
    matches = [{**found._asdict(), "holes": dict(found.holes)} for found in match(text, index)]
    answer: dict[str, Any] = json.loads(json.dumps({"cleaned": clean(text).text, "matches": matches}))
    return answer
