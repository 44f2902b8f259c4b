"""The outcome of a request without an answer, apart from `failures`, which imports requests."""

from typing import Literal

Problem = Literal[
    "refused", "host_not_found", "no_route", "timeout", "silent", "proxy_refused", "tls", "broken_answer"
]


class NoAnswer(Exception):
    """The request got no answer, and why: `problem` in a word, `detail` in the library's words."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem: Problem = problem
        self.detail = detail
