"""The menu of targets: where the names come from, what is not trusted, and no password."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.targets import target_file
from tests.tui.screen_text import text
from tui.app import DoctorApp
from tui.dialogs.menus import targets
from tui.shared.state import State

TEXT = """
[target.a]
database = "postgresql://app:hunter2-canary@db.internal/tx"
[target.b]
database = { env = "UNSET_ANYWHERE" }
"""


def shown(state: State) -> str:
    async def story() -> str:
        app = DoctorApp(state)
        async with app.run_test(size=(160, 40)):
            await app.push_screen(targets(state))
            return text(app)

    return asyncio.run(story())


@pytest.mark.parametrize("named", [True, False])
def test_targets_are_named_with_their_file_and_whether_it_is_trusted(
    named: bool, state: State, tmp_path: Path
) -> None:
    path = tmp_path / target_file.FILE_NAME
    path.write_text(TEXT, "utf-8")

    screen = shown(replace(state, config=target_file.read(path, named=named)))

    assert "postgresql://app@db.internal/tx" in screen
    assert "hunter2" not in screen
    assert ("clearpay-doctor allow" in screen) is not named
    assert ("UNSET_ANYWHERE is not set" in screen) is named
