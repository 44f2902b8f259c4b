"""What a probe is: a module that asks one question and only reads."""

from collections.abc import Sequence
from typing import Literal, Protocol

from diagnostics.engine.context import Context
from diagnostics.targets.target import EndpointKind

Safety = Literal["local", "remote", "active"]


class Probe(Protocol):
    """A module of `diagnostics.probes`."""

    @property
    def QUESTION(self) -> str:  # noqa: N802  a module's constant
        """The question that it answers, in one sentence for people."""

    @property
    def LAYER(self) -> str:  # noqa: N802
        """The layer of the entries that its findings confirm."""

    @property
    def APPLIES_TO(self) -> Sequence[EndpointKind]:  # noqa: N802
        """Kinds of endpoints that it can examine."""

    @property
    def NEEDS(self) -> Sequence[str]:  # noqa: N802
        """Probes that must end in pass, warn or unknown first; else this one is blocked, by name."""

    @property
    def READS(self) -> Sequence[str]:  # noqa: N802
        """Probes that must have ended first, however; their results are in `Context.earlier`."""

    @property
    def FINDINGS(self) -> Sequence[str]:  # noqa: N802
        """The only codes that it may emit."""

    @property
    def SAFETY(self) -> Safety:  # noqa: N802
        """`local` reads files, `remote` reads a server, `active` sends what can be felt."""

    @property
    def BUDGET(self) -> float:  # noqa: N802
        """Seconds after which the engine gives it up."""

    @property
    def ALONE(self) -> bool:  # noqa: N802
        """True where it measures times or samples: nothing else runs on its target meanwhile."""

    @property
    def SENDS(self) -> str:  # noqa: N802
        """What the other side notices: connections, logins, statements, in one sentence."""

    def run(self, context: Context, /) -> None:
        """Ask the question. Everything that is learnt is said through the context."""
