"""Who answers a runbook's question: the options of the command, else a person at the terminal."""

import sys
from collections.abc import Iterable
from shlex import quote

from diagnostics.runbooks.executor import Answer, NoAnswer
from diagnostics.terminal import is_interactive, terminal_of
from kb.runbook_model.model import RunbookStep
from kb.text.wrapping import wrap_paragraphs


class Asking:
    """Answers questions. Each `--answer` is used once: a question that comes again needs a new one."""

    def __init__(self, runbook: str, given: Iterable[tuple[str, str]], again: str) -> None:
        self._runbook = runbook
        self._given = list(given)
        self._again = again

    def __call__(self, step: RunbookStep) -> Answer:
        """The answer. Raises NoAnswer with step, question, choices and the log."""
        for pair in self._given:
            if pair[0] == step.id:
                self._given.remove(pair)
                return Answer(pair[1], "--answer")
        if not is_interactive():
            raise self._unanswered(step)
        return self._from_terminal(step)

    def _from_terminal(self, step: RunbookStep) -> Answer:
        print("\n".join(wrap_paragraphs(step.text, terminal_of(sys.stderr).width, "  ")), file=sys.stderr)
        prompt = "  ".join(f"[{number}] {choice}" for number, choice in enumerate(step.choices, 1))
        while True:
            print(f"  {prompt}: ", end="", file=sys.stderr, flush=True)
            line = _typed()
            if not line:
                raise self._unanswered(step)
            if chosen := choice_of(line.strip(), step.choices):
                return Answer(chosen, "terminal")
            print("  Type a number, or the word.", file=sys.stderr)

    def _unanswered(self, step: RunbookStep) -> NoAnswer:
        question = " ".join(step.text.split())
        ways = " or ".join(f"--answer {quote(f'{step.id}={choice}')}" for choice in step.choices)
        return NoAnswer(
            f"{self._runbook}: step {step.id} asks: {question} Answer with {ways}; "
            f"the log so far is kept, go on with: {self._again}"
        )


def _typed() -> str:
    """A line of the person, empty where there will be none. What is said next begins on a line of its own."""
    try:
        line = sys.stdin.readline()
    except BaseException:  # ctrl-c
        print(file=sys.stderr)
        raise
    if not line:  # ctrl-d
        print(file=sys.stderr)
    return line


def choice_of(text: str, choices: tuple[str, ...]) -> str:
    """What was typed as a choice: its number, or as much of it as no other begins with; else nothing."""
    if text.isdecimal() and 0 < int(text) <= len(choices):
        return choices[int(text) - 1]
    found = [choice for choice in choices if text and choice.lower().startswith(text.lower())]
    exact = [choice for choice in choices if choice.lower() == text.lower()]
    return (exact or (found if len(found) == 1 else [""]))[0]
