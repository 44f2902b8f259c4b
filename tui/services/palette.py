"""The palette: the actions of the screen from the one table, and entries by name."""

from collections.abc import Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.entry.screen import EntryScreen
from tui.keys import actions_of
from tui.shared.base_screen import BaseScreen

MOST_ENTRIES = 20
LONGEST = 32
"""Characters of a query: the fuzzy matcher's time grows with every further one."""


class Commands(Provider):
    """What can be done here."""

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for text, help_, run in self._actions():
            yield DiscoveryHit(text, run, help=help_)

    async def search(self, query: str) -> Hits:
        """What the letters fit, actions before entries."""
        matcher = self.matcher(query[:LONGEST])
        for text, help_, run in self._actions():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), run, help=help_)
        for name in self._entries(query):
            yield Hit(0.1, name, partial(self._open, name), help="open the entry")

    def _actions(self) -> list[tuple[str, str, Callable[[], None]]]:
        screen = self.screen
        if not isinstance(screen, BaseScreen):
            return []
        return [
            (action.word, action.help, partial(screen.action_act, action.id))
            for action in actions_of(screen.WHERE)
        ]

    def _open(self, entry: str) -> None:
        self.app.push_screen(EntryScreen(entry))

    def _entries(self, query: str) -> list[str]:
        screen = self.screen
        if not isinstance(screen, BaseScreen):
            return []
        words = query.lower().split()
        known = screen.state.catalogue.entries.values()
        found = [one.id for one in known if all(word in f"{one.id} {one.title}".lower() for word in words)]
        return found[:MOST_ENTRIES]
