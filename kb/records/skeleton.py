"""The files of a new entry, to be filled in. What is left as it is does not pass the lint."""

ENTRY = """\
# yaml-language-server: $schema=../../../schema.json
title: ""            # what is wrong, as a state: "The disk of the database is full"
severity: high       # critical, high, medium, low
since: 0.1.0
error_names: []
modules: []
summary: ""          # two or three sentences: what happens and why
impact: ""           # what users and money feel
symptoms:
  - template: ""     # literal words with <holes>; or: sign: "sqlstate 53100"
    samples:         # at least three, each with its source
      - {kind: observed, source: "", text: ""}
      - {kind: observed, source: "", text: ""}
      - {kind: reported, source: "a person's wording", text: ""}
also_said: []        # templates of what other drivers and languages print for it
told_as: []          # "the card machine says no": how people tell it who do not know its name; eight or so
causes:
  - finding: probe.fact
    sentence: ""     # a full sentence about the live system
    tell: ""         # how to see it by hand, with the command and how to read its answer
    fix:
      - kind: manual # sql, python, shell, manual
        title: ""
        code: ""
        changes: true
        undo: ""
        why_manual: ""
not_this: []         # - {entry: other-id, sign: "what tells the two apart"}
leads_to: []
prevent: []
when_harmless: ""
references: []       # - {title: "", url: "https://..."}
"""
DRAFT_LINES = 12
"""Lines of a pasted text that a draft keeps: the last ones name the error."""
CODE = '''\
"""{why}"""


def main() -> None:
    """{what}"""


if __name__ == "__main__":
    main()
'''


def skeleton(entry_id: str, *, code: bool) -> dict[str, str]:
    """Texts by file name."""
    files = {"entry.yaml": ENTRY}
    if code:
        stem = entry_id.replace("-", "_")
        files[f"{stem}_before.py"] = CODE.format(why="Why this code bites.", what="Fail as users see it.")
        files[f"{stem}_after.py"] = CODE.format(
            why="What to do instead.", what="Do the same job and succeed."
        )
    return files


def draft(text: str) -> str:
    """The skeleton with a cleaned text as its first sample, for an error that nobody has described yet."""
    lines = [line.rstrip() for line in text.strip().splitlines()][-DRAFT_LINES:]
    quoted = "\n".join(f"          {line}".rstrip() for line in lines)
    sample = f'      - kind: observed\n        source: ""\n        text: |\n{quoted}\n'
    return ENTRY.replace('      - {kind: observed, source: "", text: ""}\n', sample, 1)
