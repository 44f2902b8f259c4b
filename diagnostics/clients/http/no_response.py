"""Failure of a request without a response, apart from `failures`, which imports requests."""

from typing import Literal

Problem = Literal[
    "refused", "host_not_found", "no_route", "timeout", "silent", "proxy_refused", "tls", "broken_answer"
]


class NoResponse(Exception):
    """The request got no response: `problem` is the class of the failure, `detail` the library's message."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem: Problem = problem
        self.detail = detail
