"""Answers to the questions of a runbook, from `--answer` or from the terminal."""

import sys
from collections.abc import Iterable

from diagnostics.runbooks.executor import Answer, NoAnswer
from diagnostics.terminal import is_interactive, print_line, terminal_of
from kb.runbook_model.model import RunbookStep
from kb.text.quoting import shell_quoted
from kb.text.wrapping import wrap_paragraphs


class QuestionAnswerer:
    """Callback that answers questions; each `--answer` is used once, also where its question repeats."""

    def __init__(self, runbook: str, answers: Iterable[tuple[str, str]], resume_command: str) -> None:
        self._runbook = runbook
        self._answers = list(answers)
        self._resume_command = resume_command

    def __call__(self, step: RunbookStep) -> Answer:
        """Return the answer to the question of a step. Raises NoAnswer without an option and a terminal."""
        for answer in self._answers:
            if answer[0] == step.id:
                self._answers.remove(answer)
                return Answer(answer[1], "--answer")
        if not is_interactive():
            raise self._unanswered(step)
        return self._from_terminal(step)

    def _from_terminal(self, step: RunbookStep) -> Answer:
        text = "\n".join(wrap_paragraphs(step.text, terminal_of(sys.stderr).width, "  "))
        print_line(text, sys.stderr)
        prompt = "  ".join(f"[{number}] {choice}" for number, choice in enumerate(step.choices, 1))
        while True:
            print(f"  {prompt}: ", end="", file=sys.stderr, flush=True)
            line = _read_line()
            if not line:
                raise self._unanswered(step)
            if choice := choice_of(line.strip(), step.choices):
                return Answer(choice, "terminal")
            print("  Type the number or the word of a choice.", file=sys.stderr)

    def _unanswered(self, step: RunbookStep) -> NoAnswer:
        question = " ".join(step.text.split())
        options = " or ".join(f"--answer {shell_quoted(f'{step.id}={choice}')}" for choice in step.choices)
        return NoAnswer(
            f"{self._runbook}: step {step.id} asks: {question} Answer with {options}; "
            f"the log so far is kept, continue with: {self._resume_command}"
        )


def _read_line() -> str:
    """Return a line from the terminal, or nothing at its end; the cursor is then on a new line."""
    try:
        line = sys.stdin.readline()
    except BaseException:  # Ctrl-C
        print(file=sys.stderr)
        raise
    if not line:  # Ctrl-D
        print(file=sys.stderr)
    return line


def choice_of(text: str, choices: tuple[str, ...]) -> str:
    """Return the choice that the text names by its number or by a unique prefix; else nothing."""
    if text.isdecimal() and 0 < int(text) <= len(choices):
        return choices[int(text) - 1]
    prefixed = [choice for choice in choices if text and choice.lower().startswith(text.lower())]
    exact = [choice for choice in choices if choice.lower() == text.lower()]
    return (exact or (prefixed if len(prefixed) == 1 else [""]))[0]
