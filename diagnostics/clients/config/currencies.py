"""Currencies of ISO 4217: codes in force, digits of their minor units, successors of withdrawn codes.

Codes and minor units come from the package iso4217, which has the list of the maintenance agency. Its import
takes 15 ms, so it is imported only when a configuration of currencies is read. The agency's list of withdrawn
codes (table A.3) has no successors, so they are listed here.
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
"""Withdrawn codes that a configuration may still have, and the currency that replaced each."""


@dataclass(frozen=True, slots=True)
class Currencies:
    """Currencies in force."""

    exponents: Mapping[str, int | None]
    """Digits after the decimal point by code; None without a minor unit, as for gold."""
    published: str
    """Date of the list."""

    def is_payable(self, code: str) -> bool:
        """Return True for a currency with a minor unit; gold and test codes have none."""
        return self.exponents.get(code) is not None


def load_currencies() -> Currencies:
    """Return the list of the maintenance agency."""
    from iso4217 import Currency, __published__  # noqa: PLC0415  see above

    return Currencies({currency.code: currency.exponent for currency in Currency}, str(__published__))
