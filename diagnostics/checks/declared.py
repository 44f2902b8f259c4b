"""Entries with checks as probes, and the table of them beside the probes in Python."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from diagnostics.checks.kinds import endpoint_kinds, kind_of
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Probe, Safety
from diagnostics.targets.target import EndpointKind, Target
from kb.checks.model import Check, Declaration

STATEMENT_BUDGET_S = 3.0
"""Seconds that a check adds to the budget of its entry: those of its statement and of the server's answer."""
LOGIN_BUDGET_S = 6.0
MAX_BUDGET_S = 30.0
NEEDS_OF: Mapping[str, tuple[str, ...]] = {"sql": ("connect", "login"), "http": ("reach",), "config": ()}
"""Probes without which a check of a kind cannot be answered."""


SESSIONS: Mapping[str, str] = {"application": "the application", "monitor": "the monitor role"}
"""Roles of shared sessions in words."""


class DeclaredProbe:
    """Probe of an entry: it runs the checks of its record, each for the endpoints of its kind."""

    ALONE = False
    READS: tuple[str, ...] = ()

    def __init__(self, declaration: Declaration) -> None:
        self.entry = declaration.id
        self.checks = declaration.checks
        self.source = f"kb/entries/{declaration.layer}/{declaration.id}/entry.yaml"
        self.LAYER = declaration.layer
        self.QUESTION = f"Is this the case: {declaration.title}?"
        self.FINDINGS = tuple(f"{declaration.id}.{name}" for name in declaration.checks)

    @cached_property
    def blocks(self) -> tuple[Check, ...]:
        """All checks, of several versions too."""
        return tuple(block for blocks in self.checks.values() for block in blocks)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of its checks: `sql`, `http`, `config`."""
        return tuple(dict.fromkeys(kind_of(block) for block in self.blocks))

    @cached_property
    def APPLIES_TO(self) -> tuple[EndpointKind, ...]:  # noqa: N802  the protocol's name
        """Kinds of endpoints of its checks."""
        return tuple(dict.fromkeys(kind for block in self.blocks for kind in endpoint_kinds(block)))

    @cached_property
    def NEEDS(self) -> tuple[str, ...]:  # noqa: N802
        """Probes that its checks need."""
        return tuple(dict.fromkeys(need for kind in self.kinds for need in NEEDS_OF[kind]))

    @cached_property
    def SAFETY(self) -> Safety:  # noqa: N802
        """`local` if it only reads files."""
        return "local" if self.kinds == ("config",) else "remote"

    @cached_property
    def BUDGET(self) -> float:  # noqa: N802
        """Seconds for all of its checks."""
        windows = sum(block.window_s for block in self.blocks)
        requests = sum(block.http.within_s for block in self.blocks if block.http)
        statements = STATEMENT_BUDGET_S * sum(kind_of(block) == "sql" for block in self.blocks)
        return min(MAX_BUDGET_S, LOGIN_BUDGET_S + windows + requests + statements)

    @cached_property
    def SENDS(self) -> str:  # noqa: N802
        """Statements and requests that its checks send, in one sentence."""
        text = "; ".join(_sentences(self.blocks))
        return f"{text[:1].upper()}{text[1:]}."

    def borrows(self, target: Target) -> frozenset[str]:
        """Return the names of the shared sessions that its checks use."""
        if "sql" not in self.kinds:
            return frozenset()
        from diagnostics.clients.postgres.shared_session import session_name  # noqa: PLC0415  as in run

        return frozenset(session_name(target, block.role) for block in self.blocks if block.sql)

    def statements(self, target: Target) -> tuple[str, ...]:
        """Return its SQL with the values of the target's thresholds, for `--plan`."""
        from diagnostics.checks.thresholds import thresholds_of  # noqa: PLC0415  as in run

        return tuple(
            _with_values(block.sql, thresholds_of(self.entry, block, target))
            for block in self.blocks
            if block.sql
        )

    def run(self, context: Context, /) -> None:
        """Run the checks for the endpoint's kind."""
        from diagnostics.checks.running import run_checks  # noqa: PLC0415  clients of databases and HTTP

        run_checks(context, self.entry, self.checks)


class AllProbes(Mapping[str, Probe]):
    """Probes in Python, then the declared ones in the order of their entries."""

    def __init__(self, probes: Mapping[str, Probe], declarations: Sequence[Declaration]) -> None:
        self.in_python: Mapping[str, Probe] = probes.in_python if isinstance(probes, AllProbes) else probes
        self._declared = {each.id: DeclaredProbe(each) for each in declarations}

    def __getitem__(self, name: str) -> Probe:
        declared = self._declared.get(name)
        return declared if declared is not None else self.in_python[name]

    def __contains__(self, name: object) -> bool:
        return name in self._declared or name in self.in_python

    def __iter__(self) -> Iterator[str]:
        yield from self.in_python
        yield from self._declared

    def __len__(self) -> int:
        return len(self.in_python) + len(self._declared)


def _sentences(blocks: Sequence[Check]) -> Iterator[str]:
    statements = [block for block in blocks if block.sql]
    roles = sorted({SESSIONS[block.role] for block in statements})
    if statements:
        count = "one SELECT" if len(statements) == 1 else f"{len(statements)} SELECTs"
        windows = max(block.window_s for block in statements)
        twice = f", twice within {windows:g} s" if windows else ""
        yield f"{count} in the shared session of {' and '.join(roles)}{twice}, at most 2 s each"
    requests = [block.http.path for block in blocks if block.http]
    if requests:
        yield f"one GET without a credential of {', '.join(requests)}"
    if any(block.config for block in blocks):
        yield "nothing for the keys of files"


def _with_values(statement: str, thresholds: Mapping[str, float]) -> str:
    """Return a statement for people, with numbers in the place of thresholds."""
    for name, value in thresholds.items():
        statement = statement.replace(f"%({name})s", f"{value:g}")
    return statement.strip()
