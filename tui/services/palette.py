"""The command palette: actions of the screen from the table of keys, and entries by name."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.entry.screen import EntryScreen
from tui.keys import ACTIONS, Action, actions_of, screens_of_key
from tui.shared.base_screen import BaseScreen

MAX_ENTRIES = 20
MAX_QUERY_CHARS = 32
"""The time of Textual's fuzzy matcher grows with every further character."""
Command = Callable[[], Coroutine[Any, Any, bool]]


class Commands(Provider):
    """Actions and entries that the palette offers."""

    async def discover(self) -> Hits:
        """Yield all actions, before anything is typed."""
        for label, help_, command in self._actions():
            yield DiscoveryHit(label, command, help=help_)

    async def search(self, query: str) -> Hits:
        """Yield actions and entries that match the query."""
        matcher = self.matcher(query[:MAX_QUERY_CHARS])
        for label, help_, command in self._actions():
            if (score := matcher.match(label)) > 0:
                yield Hit(score, matcher.highlight(label), command, help=help_)
        for entry in self._entries(query):
            yield Hit(0.1, entry, partial(self._open, entry), help="open the entry")

    def _actions(self) -> list[tuple[str, str, Command]]:
        """Return label with key, help and command of the actions that work now, then of all others."""
        screen = self.screen
        if not isinstance(screen, BaseScreen):
            return []
        own = [action for action in actions_of(screen.NAME) if not action.takes_key]
        own.sort(key=lambda action: bool(screen.disabled_reason(action.id)))
        named = {action.label for action in own}
        others = [action for action in ACTIONS if not action.takes_key and action.label not in named]
        return [
            *(self._command(action, partial(self.app.run_action, action.id, screen)) for action in own),
            *(self._command(action, partial(self._elsewhere, action)) for action in others),
        ]

    def _command(self, action: Action, command: Command) -> tuple[str, str, Command]:
        return f"{action.label}  {action.key_names}", action.help, command

    async def _elsewhere(self, action: Action) -> bool:
        """Say where an action works that the current screen does not have."""
        if isinstance(self.screen, BaseScreen):
            self.screen.show_message(screens_of_key(action.keys[0]), "warn")
        return True

    def _open(self, entry: str) -> None:
        self.app.push_screen(EntryScreen(entry))

    def _entries(self, query: str) -> list[str]:
        screen = self.screen
        if not isinstance(screen, BaseScreen):
            return []
        words = query.lower().split()
        entries = screen.state.catalogue.entries.values()
        ids = [entry.id for entry in entries if _has_words(f"{entry.id} {entry.title}", words)]
        return ids[:MAX_ENTRIES]


def _has_words(text: str, words: list[str]) -> bool:
    return all(word in text.lower() for word in words)
