"""ISO 4217: which currencies there are, how fine their minor unit is, and what followed the withdrawn ones.

The codes in force and their units come from the list of the maintenance agency, as the package iso4217
carries it; it costs 15 ms, so it is imported when a configuration of currencies is read. The agency's list of
withdrawn codes (table A.3) names no successors, therefore they stand here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SUCCESSORS: Mapping[str, str] = {
    **dict.fromkeys(
        ("ATS", "BEF", "BGN", "CYP", "DEM", "EEK", "ESP", "FIM", "FRF", "GRD", "HRK", "IEP", "ITL", "LTL"),
        "EUR",
    ),
    **dict.fromkeys(("LUF", "LVL", "MTL", "NLG", "PTE", "SIT", "SKK", "XEU"), "EUR"),
    "AFA": "AFN",
    "ANG": "XCG",
    "AZM": "AZN",
    "BYB": "BYN",
    "BYR": "BYN",
    "CSD": "RSD",
    "CUC": "CUP",
    "GHC": "GHS",
    "MRO": "MRU",
    "MZM": "MZN",
    "PLZ": "PLN",
    "ROL": "RON",
    "RUR": "RUB",
    "SDD": "SDG",
    "SLL": "SLE",
    "SRG": "SRD",
    "STD": "STN",
    "TMM": "TMT",
    "TRL": "TRY",
    "VEB": "VES",
    "VEF": "VES",
    "YUM": "RSD",
    "ZMK": "ZMW",
    "ZWD": "ZWG",
    "ZWL": "ZWG",
    "ZWR": "ZWG",
}
"""Withdrawn codes that a payments configuration may still have, and what is paid there now."""


@dataclass(frozen=True, slots=True)
class Currencies:
    """The list in force."""

    exponents: Mapping[str, int | None]
    """Digits of the minor unit behind the point; None where there is none, as for gold."""
    published: str

    def is_money(self, code: str) -> bool:
        """Whether payments can be made in it: it has a minor unit, as gold and test codes have not."""
        return self.exponents.get(code) is not None


def currencies() -> Currencies:
    """The list of the maintenance agency."""
    from iso4217 import Currency, __published__  # noqa: PLC0415  see above

    return Currencies({one.code: one.exponent for one in Currency}, str(__published__))
