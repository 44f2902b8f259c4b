"""Name constraints of an authority, and which of a certificate's names they forbid.

OpenSSL decides; this finds the authority and the name behind its refusal.
Source: RFC 5280, 4.2.1.6 and 4.2.1.10; NAME_CONSTRAINTS_check of OpenSSL 3.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from diagnostics.clients.certificates.der import SEQUENCE, Value, read_whole
from diagnostics.clients.certificates.distinguished_name import Name, parse_name

EMAIL, DNS_NAME, DIRECTORY_NAME, URI, IP_ADDRESS = 0x81, 0x82, 0xA4, 0x86, 0x87
"""Tags of the GeneralName choices that OpenSSL compares."""
PERMITTED, EXCLUDED = 0xA0, 0xA1
MAX_SHOWN = 3
MAX_COMPARED = 1000
"""Names, and subtrees, that are compared with each other; OpenSSL refuses more than 2^20 comparisons."""


@dataclass(frozen=True, slots=True)
class GeneralName:
    """Alternative name of a certificate, or the base of a subtree."""

    tag: int
    content: bytes
    directory: Name | None = None
    """The name if the tag is DIRECTORY_NAME."""

    @property
    def text(self) -> str:
        """The name without regard to case."""
        return self.content.decode("ascii", "replace").lower()

    def __str__(self) -> str:
        if self.directory is not None:
            return str(self.directory)
        return _address_text(self.content) if self.tag == IP_ADDRESS else self.text or "(every name)"


@dataclass(frozen=True, slots=True)
class NameConstraints:
    """Subtrees within which an authority may issue, and those within which it may not."""

    permitted: tuple[GeneralName, ...] = ()
    excluded: tuple[GeneralName, ...] = ()

    def violation(self, names: Iterable[GeneralName]) -> str:
        """Return which constraint the first forbidden name breaks; empty if all names are allowed."""
        for name in islice(names, MAX_COMPARED):
            excluded = next((base for base in self.excluded[:MAX_COMPARED] if _within(name, base)), None)
            if excluded is not None:
                return f"its name constraints exclude {excluded}, and so {name}"
            same_kind = [base for base in self.permitted[:MAX_COMPARED] if base.tag == name.tag]
            if same_kind and not any(_within(name, base) for base in same_kind):
                bases = ", ".join(map(str, same_kind[:MAX_SHOWN]))
                return f"its name constraints permit only {bases}, not {name}"
        return ""


def parse_general_name(value: Value) -> GeneralName:
    """Parse a GeneralName; kinds without a rule keep their bytes. Raises Unreadable."""
    if value.tag == DIRECTORY_NAME:
        name = read_whole(value.content, SEQUENCE, "directory name")
        return GeneralName(value.tag, value.content, parse_name(name, "directory name"))
    return GeneralName(value.tag, value.content)


def parse_name_constraints(values: Iterable[Value]) -> NameConstraints:
    """Parse the two lists of subtrees, of which only the base counts. Raises Unreadable."""
    subtrees: dict[int, tuple[GeneralName, ...]] = {PERMITTED: (), EXCLUDED: ()}
    for value in values:
        bases = (subtree.expect(SEQUENCE, "name constraints").items()[:1] for subtree in value.items())
        subtrees[value.tag] = tuple(parse_general_name(base) for found in bases for base in found)
    return NameConstraints(subtrees[PERMITTED], subtrees[EXCLUDED])


def _within(name: GeneralName, base: GeneralName) -> bool:
    """Return True if a name lies within the subtree of a base of the same kind."""
    if name.tag != base.tag:
        return False
    if name.directory is not None and base.directory is not None:
        return name.directory.is_below(base.directory)
    if name.tag == IP_ADDRESS:
        return _in_network(name.content, base.content)
    if name.tag == DNS_NAME:
        return _in_domain(name.text, base.text)
    if name.tag == EMAIL:
        return name.text == base.text if "@" in base.text else _host_in(name.text.rpartition("@")[2], base)
    return name.tag == URI and _host_in(_host_of(name.text), base)


def _in_domain(name: str, base: str) -> bool:
    return not base or name == base or name.endswith(base if base.startswith(".") else f".{base}")


def _host_in(host: str, base: GeneralName) -> bool:
    """Return True if a host is the base's host, or below it if the base begins with a dot."""
    return host.endswith(base.text) if base.text.startswith(".") else host == base.text


def _host_of(uri: str) -> str:
    authority = uri.partition("://")[2].partition("/")[0]
    return authority.rpartition("@")[2].partition(":")[0]


def _in_network(address: bytes, base: bytes) -> bool:
    size = len(address)
    if len(base) != 2 * size:
        return False
    return all(
        not (own ^ other) & mask for own, other, mask in zip(address, base[:size], base[size:], strict=True)
    )


def _address_text(content: bytes) -> str:
    """Return an address, or a network as `10.0.0.0/255.0.0.0`."""
    half = len(content) // 2
    try:
        if len(content) in {4, 16}:
            return str(ipaddress.ip_address(content))
        return f"{ipaddress.ip_address(content[:half])}/{ipaddress.ip_address(content[half:])}"
    except ValueError:
        return content.hex(":")
