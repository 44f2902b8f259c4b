"""Records of the knowledge base as frozen dataclasses, so that reading them needs no validator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kb.checks.model import Check, DeclaredFault, Strict

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
SampleKind = Literal["observed", "reported"]
StepKind = Literal["sql", "python", "shell", "manual", "message"]
Part = Literal["database", "application", "api", "proxy"]
PARTS: tuple[Part, ...] = ("database", "application", "api", "proxy")
WayPlatform = Literal["systemd", "docker", "kubernetes", "rds", "cloudsql", "foreign", "this machine"]
WAY_PLATFORMS: tuple[WayPlatform, ...] = (
    "systemd",
    "docker",
    "kubernetes",
    "rds",
    "cloudsql",
    "foreign",
    "this machine",
)
TeamCommand = Literal[
    "start_database", "restart_database", "restart_application", "renew_certificate", "reissue_certificate"
]


class Record(Strict):
    """Base of every record: validation rejects unknown fields."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Record):
    """Example of a symptom: `observed` was printed by software, `reported` was written by a person."""

    kind: SampleKind
    text: str
    source: str
    """Source of the text: `lab`, a program with its version, or a public report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom(Record):
    """Symptom that users see: either a template, literal text with `<holes>`, or a typed sign."""

    samples: tuple[Sample, ...]
    template: str = ""
    sign: str = ""
    """`<kind> <value>`, such as `sqlstate 40P01` or `exception psycopg2.errors.DeadlockDetected`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit(Record):
    """Change of a Python file: values of keys, or an import. The step's code is generated from it."""

    file: str
    """Placeholder of the file, such as `network_file`."""
    values: dict[str, str | bool | int | float] = field(default_factory=dict)
    """New values by key; a key that is missing is reported. `a|b` are two names of the same key."""
    values_if_present: dict[str, str | bool | int | float] = field(default_factory=dict)
    """New values by key, for keys that may be missing."""
    rule: Literal["equal", "at_most", "positive"] = "equal"
    """Values that stay: equal ones; numbers up to the new value; numbers above zero up to it."""
    beside: str = ""
    """Key of a dictionary before which a missing key is inserted."""
    module: str = ""
    """Module whose import is inserted, in place of a change of values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way(Record):
    """Way to carry out a step on one platform; in a record also written as its code alone."""

    code: str
    """Statement, program or command; for `manual` and `message`, text."""
    kind: StepKind | Literal[""] = ""
    """Default: the kind of the step; on `foreign`, `message`."""
    undo: str = ""
    """Default: the undo of the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixStep(Record):
    """Step of a fix. Placeholders such as `<role>` take values of the target, quoted for the kind of step."""

    kind: StepKind
    title: str
    """Action of the step, in the imperative."""
    part: Part | Literal[""] = ""
    """Part of the target that the step acts on; its platform chooses among the ways."""
    command: TeamCommand | Literal[""] = ""
    """Command of `[target.NAME.commands]` that replaces the step's ways where it is set."""
    code: str = ""
    """Statement, program or command; for `manual`, instructions in full sentences; for `message`, the text
    to send to the owner of the part. Beside `ways`: the code on every other platform."""
    ways: Mapping[WayPlatform, Way] = field(default_factory=dict, hash=False)
    """Ways by platform. A step without one for the known platform says so."""
    changes: bool = True
    """False if the step only reads."""
    undo: str = ""
    """Instructions to revert a step that changes something, or the reason why nothing reverts it."""
    undo_code: str = ""
    """Undo that `clearpay-doctor fix` can run: a command; for `sql`, a query that is run before the step, and
    whose rows are the statements that put back what was there."""
    rights: str = ""
    """Rights that the step needs, such as membership in `pg_signal_backend`."""
    why_manual: str = ""
    """Reason why no command can do the step; only for `manual`."""
    edit: FileEdit | None = None
    """Change of a file, from which `code` and `undo` of a `python` step are generated."""
    platform: str = ""
    """Platform whose way was chosen; set when placeholders are filled, not in records."""
    examples: tuple[str, ...] = ()
    """Example values in the code, each with its meaning; set when placeholders are filled, not in records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStep(Record):
    """Step of a manual check: an instruction with the command that it needs."""

    do: str
    """Instruction, and how to read the output."""
    run: str = ""
    """Command of a shell, or a statement of SQL; empty for a step without a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause(Record):
    """Cause of an entry: one finding proves it, and its own fix removes it."""

    finding: str
    """`<probe>.<fact>`; no other cause has the same finding."""
    sentence: str
    """The finding as a full sentence about the live system; reports and pages take the wording from here."""
    manual_check: tuple[CheckStep, ...]
    """Numbered steps that tell this cause from the others by hand; a text alone is one step."""
    fix: tuple[FixStep, ...]
    supported_by: tuple[str, ...] = ()
    """Findings that make the cause suspected but do not confirm it."""
    group: str = ""
    """Id of the group of the entry that the cause belongs to; empty where the entry has no groups."""
    fault: DeclaredFault | None = None
    """Way to produce the finding in the lab, for a finding of the record's own checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGroup(Record):
    """Causes of an entry that users see as one error; an entry with many causes has a page per group."""

    id: str
    """Last part of the address of the group's page: words joined by hyphens."""
    title: str
    """Error as people type it, then what it is."""
    summary: str
    """One or two sentences for the head of the group's page."""
    messages: tuple[str, ...]
    """Parts of the messages that lead to this group, most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThis(Record):
    """Look-alike and the sign that tells the two entries apart; declared once, mirrored by the loader."""

    entry: str
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Record):
    """Source of the facts: a chapter, an RFC, an issue."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """Known error: symptoms, causes, how to confirm and fix it, and how it differs from its look-alikes."""

    id: str
    """Name of the folder; also the command-line argument, the URL of the page and the id of the test."""
    layer: str
    """Name of the parent folder: `database`, `tls`, `api`, `config`, `service`."""
    title: str
    """Error as people type it, then its meaning."""
    severity: Severity
    summary: str
    impact: str
    symptoms: tuple[Symptom, ...]
    causes: tuple[Cause, ...]
    since: str
    """First version of this tool with the entry."""
    groups: tuple[CauseGroup, ...] = ()
    """Groups of the causes by what users see, in the order of the pages; each cause then names its group."""
    error_names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    former_titles: tuple[str, ...] = ()
    """Titles of earlier versions, which `explain` and the search still find."""
    mitigation: str = ""
    """Line that stops the damage before the cause is known."""
    escalation: str = ""
    """Line on when to escalate, and to whom."""
    other_messages: tuple[str, ...] = ()
    """Templates of messages of other drivers, libraries and languages; matching uses them like symptoms."""
    user_phrases: tuple[str, ...] = ()
    """Descriptions by people who do not know the error's name: short sentences with different words.
    Matching takes words from them; the page has them if the error prints no message."""
    checks: Mapping[str, tuple[Check, ...]] = field(default_factory=dict, hash=False)
    """Checks by the names of their findings: `lag` makes the finding `<id>.lag`. Several blocks are for
    several versions of PostgreSQL."""
    not_this: tuple[NotThis, ...] = ()
    leads_to: tuple[str, ...] = ()
    """Entries that this one causes: if both are confirmed, the report puts them under this one."""
    prevent: tuple[str, ...] = ()
    when_harmless: str = ""
    references: tuple[Reference, ...] = ()
    owner: str = "payments-platform"
    aliases: tuple[str, ...] = ()
    retired: str = ""
    """Reason why the entry was retired; its page and its id stay."""
    flaws: tuple[str, ...] = ()
    """Lint rules that the failing code may break, because they are its flaw."""
    before_code: str = field(default="", repr=False)
    """Text of `<id>_before.py`; its docstring explains the flaw."""
    after_code: str = field(default="", repr=False)
    """Text of `<id>_after.py`; its docstring explains the correct code."""
