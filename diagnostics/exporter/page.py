"""The page of the exporter: targets with their last result and links."""

import time
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, urlencode

from diagnostics.exporter.examinations import Examinations, Examined
from diagnostics.exporter.exposition import BAD
from diagnostics.report.model import SEVERITY

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem;"
    "border-bottom:1px solid #8886;vertical-align:top}:root{color-scheme:light dark}"
)


def page(examinations: Examinations) -> str:
    """Return the page in HTML."""
    rows = "".join(_row(name, state, examinations) for name, state in examinations.targets.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>clearpay-doctor exporter</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        "<h1>clearpay-doctor exporter</h1>"
        '<p><a href="metrics">Metrics of the exporter</a> · <a href="-/healthy">healthy</a> · '
        '<a href="-/ready">ready</a></p>'
        "<table><thead><tr><th>Target</th><th>Last result</th><th>Findings</th><th>Probe</th></tr>"
        "</thead>"
        f"<tbody>{rows}</tbody></table></body></html>\n"
    )


def _row(name: str, state: Examined, examinations: Examinations) -> str:
    links = " ".join(
        f'<a href="probe?{escape(urlencode({"target": name, "module": module}, quote_via=quote))}">'
        f"{escape(module)}</a>"
        for module in examinations.modules
    )
    findings = "<br>".join(_findings(state))
    cells = (escape(name), escape(_result(state)), findings, links)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _result(state: Examined) -> str:
    answer = state.last
    if answer is None:
        return "not examined yet"
    age = f"{max(0.0, time.time() - answer.started):.0f} s ago"
    if answer.problem:
        return f"no result, {age}: {answer.problem}"
    outcomes = answer.outcomes or {}
    worst = max((one for one in outcomes.values() if one in SEVERITY), key=SEVERITY.index, default="unknown")
    bad = ", ".join(f"{probe} {one}" for probe, one in outcomes.items() if one in BAD)
    return f"{worst}, {age}, {answer.seconds:.1f} s" + (f": {bad}" if bad else "")


def _findings(state: Examined) -> Iterator[str]:
    for finding, entry, url in state.last.findings if state.last else ():
        text = escape(f"{finding} ({entry})" if entry else finding)
        linked = url.startswith(("https://", "http://"))
        yield f'<a href="{escape(url)}">{text}</a>' if linked else text
