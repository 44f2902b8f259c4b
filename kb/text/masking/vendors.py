"""Tokens that vendors give a fixed prefix, which identifies them without a name before them.

Prefixes and lengths are facts of the vendors' documentation and of public lists of secret scanners (gitleaks,
trufflehog, detect-secrets).
"""

import re
from functools import cache
from typing import Final

from kb.text.masking.marks import Marks
from kb.text.masking.shapes import Guarded, Shape, lower, rule_of

_LONG_WORD: Final = r"[\w.:/+=-]{12,}"
"""A word that may have a token; most texts have few, which are searched instead of the whole text."""
_MIN_LETTERS: Final = 20
"""Length from which a word of letters alone may be a token."""


def _token(name: str, start: str, rest: str) -> Shape:
    """Return the shape of a token that begins with exactly `start`; `rest` is the pattern of what follows.

    The pattern begins with a literal, which Python searches fast, and looks back behind it.
    """
    literal = start.replace(".", r"\.")
    return Shape((start.lower(),), name, rf"{literal}(?<![A-Za-z0-9]{literal}){rest}")


_MIXED: Final = r"(?=[A-Za-z_-]{0,60}\d)[\w.-]{24,}"
_STARTS: Final[tuple[tuple[str, str, str], ...]] = (
    # name in the mask, beginnings of the token, pattern of the rest
    ("access key", "AKIA ASIA AROA AIDA ABIA ACCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (
        "api key",
        "cp_live_ cp_test_ sk_live_ sk_test_ pk_live_ pk_test_ rk_live_ rk_test_ sk_prod_ rk_prod_",
        r"[A-Za-z0-9]{4,}",
    ),
    ("api key", "rzp_live_ rzp_test_", r"[A-Za-z0-9]{10,}"),
    ("secret", "whsec_", r"[\w+/=-]{4,}"),
    ("token", "ghp_ gho_ ghs_ ghu_ ghr_ github_pat_", r"\w{20,}"),
    ("token", "glpat- gldt- glrt- glrtr- glptt- glft- glsoat- glimt- glagent- gloas-", r"[\w.-]{16,}"),
    ("token", "glffct- glcbt-", r"[\w.-]{16,}"),
    ("token", "xoxa- xoxb- xoxe- xoxp- xoxr- xoxs- xoxe.xoxp- xoxe.xoxb- xoxc- xoxd- xapp-", r"[\w.%-]{10,}"),
    ("api key", "AIza", r"[\w-]{30,}"),
    ("token", "ya29. 1//0", r"[\w-]{20,}"),
    ("secret", "GOCSPX-", r"[\w-]{20,}"),
    ("api key", "sk-ant- sk-proj- sk-svcacct- sk-admin- sk-or-", r"[\w-]{16,}"),
    ("api key", "sk-", r"[A-Za-z0-9]{32,}"),
    ("api key", "SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    ("token", "hvs. hvb. hvr.", r"[\w-]{20,}"),
    ("token", "s.", r"(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![A-Za-z0-9])"),
    ("token", "npm_ hf_ nfp_ nfc_ nfo_ nfu_ api_org_", r"[A-Za-z0-9]{30,}"),
    ("token", "pypi-AgE", r"[\w-]{50,}"),
    ("token", "rubygems_ sbp_ dop_v1_ doo_v1_ dor_v1_ pul-", r"[0-9a-f]{30,}"),
    ("token", "shpat_ shpca_ shppa_ shpss_ dapi key-", r"[0-9a-fA-F]{32}(?![0-9a-zA-Z])"),
    ("token", "cio", r"(?=[A-Za-z]{0,31}\d)[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    ("token", "dckr_pat_ dckr_oat_ dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"[\w.-]{20,}"),
    ("token", "glsa_ glc_ sntrys_ sntryu_ ops_eyJ fm1_ fm1r_ fm1a_ fm2_", r"[\w+/=-]{30,}"),
    ("token", "sq0atp- sq0csp- sq0idp- fo1_ tfp_ figd_ cfut_ cfat_ cfk_ lin_api_ lin_oauth_", r"[\w-]{20,}"),
    ("token", "EAAA EAAC EAAG", r"[A-Za-z0-9]{56,}"),
    ("api key", "gsk_ pplx- xai- AKCp EZAK EZTK", r"[A-Za-z0-9]{40,}"),
    ("api key", "r8_ LTAI", r"[A-Za-z0-9]{16,}"),
    ("api key", "PMAK-", r"[0-9a-f-]{50,}"),
    ("api key", "NRAK- NRJS- NRII- NRAA- NRIQ- NRRA-", r"[\w-]{19,}"),
    ("api key", "FLWSECK- FLWPUBK- FLWSECK_TEST- FLWPUBK_TEST-", r"[0-9a-fA-F]{10,}(?:-X)?"),
    ("token", "ATATT3 ATCTT3 ATBB AQVN", r"[\w=+/-]{30,}"),
    ("token", "secret_ ntn_", r"(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{40,}"),
    ("api key", "tk-us- tskey- nvapi- tvly- xkeysib- rdme_ sbat_ jina_ mlsn.", _MIXED),
    (
        "api key",
        "vercel_blob_rw_ pnu_ duffel_test_ duffel_live_ shippo_live_ shippo_test_ dnkey- fio-u- PRAK-",
        _MIXED,
    ),
    ("api key", "prefect_ phx_ phc_ re_ cal_live_ waka_ fw_ e2b_ brv-", _MIXED),
    ("api key", "lsv2_pt_ lsv2_sk_ sgp_ v1.0- v2.local. v4.local. wandb_v1_ CLOJARS_ CFPAT-", _MIXED),
    ("secret", "AGE-SECRET-KEY-1", r"[A-Z0-9]{40,}"),
    ("api key", "AC SK", r"[0-9a-f]{32}(?::[0-9a-f]{32})?(?![0-9a-f])"),
)


@cache
def vendor_shapes() -> tuple[Shape, ...]:
    """Return the shapes of all vendors; they are built when a text has a long word."""
    return (
        *(_token(name, start, rest) for name, starts, rest in _STARTS for start in starts.split()),
        Shape((".atlasv1.",), "token", r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}"),
        Shape((":aa",), "token", r":AA(?<=\d{8}:AA)[\w-]{30,}"),
        Shape(
            ("hooks.slack.com/",),
            "token",
            r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[\w/+-]{20,})",
        ),
        Shape(("/api/webhooks/",), "token", r"/api/webhooks/\d{15,20}/(?P<s>[\w-]{40,})"),
        Shape(("/webhook",), "token", r"/webhookb?2?/(?P<s>[0-9a-f]{8}-[0-9a-f-]{27}[\w@/.-]{0,200})"),
        Shape(
            ("ls0tls1crudjti",),
            "private key",
            r"LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM|BUUlVT|BYNTA5)[\w+/=]{20,}",
        ),
        Shape(("eyj",), "token", r"eyJ(?<![\w-]eyJ)[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}"),
    )


@cache
def _rules() -> tuple[Guarded, ...]:
    return tuple(rule_of(shape) for shape in vendor_shapes())


def hide_vendor_tokens(marks: Marks, text: str) -> str:
    """Mask the tokens that their prefix identifies."""
    found = re.findall(_LONG_WORD, lower(text))
    words = "\n".join(word for word in found if len(word) >= _MIN_LETTERS or not word.isalpha())
    for hints, rule in _rules() if words else ():
        if any(hint in words for hint in hints):
            text = rule(marks, text)
    return text
