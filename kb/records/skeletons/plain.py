"""Template files of a new entry. Fields left unchanged do not pass the lint."""

from kb.records.skeletons.with_check import record_with_check

ENTRY = """\
# yaml-language-server: $schema={schema}
title: ""            # the error as people type it, then its meaning: "too many clients: the database is full"
severity: high       # critical, high, medium, low
since: 0.1.0
error_names: []
modules: []
summary: ""          # two sentences: what happens and why
impact: ""           # consequences for users and payments
symptoms:
  - template: ""     # literal text with <holes>; or: sign: "sqlstate 53100"
    samples:         # at least three, each with its source
      - {kind: observed, source: "", text: ""}
      - {kind: observed, source: "", text: ""}
      - {kind: reported, source: "a person's wording", text: ""}
other_messages: []   # templates of messages of other drivers and languages
user_phrases: []     # "the card machine says no": about eight descriptions without its name
causes:
  - finding: probe.fact   # of a probe in "clearpay-doctor list probes"; manual.fact if a person checks it
    sentence: ""     # a full sentence about the live system
    manual_check:    # how to check it by hand, in steps
      - {do: "", run: ""}   # what to do and how to read the output; the command
    fix:
      - kind: manual # sql, python, shell, manual, message
        title: ""
        code: ""     # or, with part: database (application, api, proxy), ways: {systemd: "", docker: ""}
        changes: true
        undo: ""
        why_manual: ""
not_this: []         # - {entry: other-id, sign: "the difference between the two"}
leads_to: []
prevent: []
when_harmless: ""
references: []       # - {title: "", url: "https://..."}
"""
SCHEMA = "../../../schema.json"
"""Path from a shipped record to the JSON Schema of records."""
DRAFT_LINES = 12
"""Lines kept from the end of a pasted text, where the error is named."""
CODE = '''\
"""{why}"""


def main() -> None:
    """{what}"""


if __name__ == "__main__":
    main()
'''


def skeleton(entry_id: str, *, code: bool, schema: str = SCHEMA, check: str = "") -> dict[str, str]:
    """Return the files of a new entry, text by file name; `code` adds the code pair.

    `schema` is the path from the record to its JSON Schema, for editors; `check` the kind of a check that the
    record brings.
    """
    files = {"entry.yaml": record_with_check(entry_id, check, schema) if check else _with_schema(schema)}
    if code:
        stem = entry_id.replace("-", "_")
        files[f"{stem}_before.py"] = CODE.format(why="Why this code fails.", what="Fail as users see it.")
        files[f"{stem}_after.py"] = CODE.format(
            why="What to do instead.", what="Do the same job and succeed."
        )
    return files


def _with_schema(path: str) -> str:
    return ENTRY.replace("{schema}", path)


def draft(text: str) -> str:
    """Return the record of a new entry with a sanitized text as its first sample."""
    lines = [line.rstrip() for line in text.strip().splitlines()][-DRAFT_LINES:]
    quoted = "\n".join(f"          {line}".rstrip() for line in lines)
    sample = f'      - kind: observed\n        source: ""\n        text: |\n{quoted}\n'
    return _with_schema(SCHEMA).replace('      - {kind: observed, source: "", text: ""}\n', sample, 1)
