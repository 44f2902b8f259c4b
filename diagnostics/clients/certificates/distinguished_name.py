"""Distinguished names of subjects and issuers, and the comparison that OpenSSL makes.

Source: RFC 5280, 4.1.2.4; X509_NAME_cmp(3).
"""

from dataclasses import dataclass

from diagnostics.clients.certificates.der import SEQUENCE, Unreadable, Value, parse_oid, parse_string
from diagnostics.clients.certificates.oids import ATTRIBUTES

MAX_NAME_LENGTH = 300
"""Characters of a name that are shown."""


@dataclass(frozen=True, slots=True)
class Name:
    """Distinguished name of a subject or an issuer."""

    text: str
    """The attributes as `CN=..., O=...`, cut to a length that can be shown."""
    raw: bytes
    normalized: str
    """The attributes without regard to case, spaces and string types, as OpenSSL compares names."""
    common_name: str
    """The first common name; empty if there is none."""

    def matches(self, other: "Name") -> bool:
        """Return True if both names are equal by OpenSSL's comparison."""
        return self.normalized == other.normalized

    def is_below(self, other: "Name") -> bool:
        """Return True if the name begins with all attributes of the other, as name constraints compare."""
        return f"{self.normalized}\n".startswith(f"{other.normalized}\n" if other.normalized else "")

    @property
    def email_addresses(self) -> tuple[str, ...]:
        """The e-mail addresses among the attributes."""
        attributes = (line.partition("=") for line in self.normalized.splitlines())
        return tuple(value for kind, _, value in attributes if kind == "emailAddress")

    def __str__(self) -> str:
        return self.text or "(empty)"


def parse_name(value: Value, field: str) -> Name:
    """Parse a Name. Raises Unreadable."""
    attributes = []
    for group in value.expect(SEQUENCE, field).items():
        for attribute in group.items():
            parts = attribute.expect(SEQUENCE, field).items()
            if len(parts) != 2:  # noqa: PLR2004  a type and a value
                raise Unreadable(f"{field}: not a type and a value")
            oid = parse_oid(parts[0], field)
            attributes.append((ATTRIBUTES.get(oid, oid), parse_string(parts[1])))
    text = ", ".join(f"{kind}={content}" for kind, content in attributes)[:MAX_NAME_LENGTH]
    normalized = "\n".join(f"{kind}={' '.join(content.casefold().split())}" for kind, content in attributes)
    common_name = next((content for kind, content in attributes if kind == "CN"), "")
    return Name(text, value.raw, normalized, common_name)
