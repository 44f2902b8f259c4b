"""Names and codes of typed signs: SQLSTATE, exception classes of drivers, errno, TLS verify codes."""

from collections.abc import Mapping
from typing import Final

SQLSTATE_CLASSES: Final = frozenset((
    "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "20", "21", "22", "23", "24", "25",
    "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "44", "53", "54",
    "55", "57", "58", "72", "F0", "HV", "P0", "XX",
))  # fmt: skip
"""First two characters of PostgreSQL's error codes (PostgreSQL documentation, Appendix A)."""

SQLSTATES: Final[Mapping[str, str]] = {
    "AdminShutdown": "57P01",
    "CannotConnectNow": "57P03",
    "ConfigurationLimitExceeded": "53400",
    "CrashShutdown": "57P02",
    "DatabaseDropped": "57P04",
    "DeadlockDetected": "40P01",
    "DiskFull": "53100",
    "FeatureNotSupported": "0A000",
    "ForeignKeyViolation": "23503",
    "IdleInTransactionSessionTimeout": "25P03",
    "IdleSessionTimeout": "57P05",
    "InFailedSqlTransaction": "25P02",
    "InsufficientPrivilege": "42501",
    "InvalidAuthorizationSpecification": "28000",
    "InvalidCatalogName": "3D000",
    "InvalidPassword": "28P01",
    "LockNotAvailable": "55P03",
    "NotNullViolation": "23502",
    "ObjectInUse": "55006",
    "OutOfMemory": "53200",
    "QueryCanceled": "57014",
    "ReadOnlySqlTransaction": "25006",
    "SerializationFailure": "40001",
    "TRDeadlockDetected": "40P01",  # Ruby's pg calls the class 40 TR
    "TRSerializationFailure": "40001",
    "TooManyConnections": "53300",
    "TransactionTimeout": "25P04",
    "UndefinedColumn": "42703",
    "UndefinedFunction": "42883",
    "UndefinedTable": "42P01",
    "UniqueViolation": "23505",
}
"""SQLSTATE by exception class of psycopg2.errors, psycopg.errors and Ruby's pg."""

ASYNCPG: Final[Mapping[str, str]] = {
    "SerializationError": "SerializationFailure",
    "QueryCanceledError": "QueryCanceled",
    "InFailedSQLTransactionError": "InFailedSqlTransaction",
}
"""psycopg class by asyncpg class, where the two differ by more than the suffix `Error`."""

DRIVERS: Final = ("psycopg2.", "psycopg.", "asyncpg.", "psycopg2cffi.", "aiopg.")

ERRNO_NUMBERS: Final[Mapping[str, str]] = {
    "11": "EAGAIN",
    "13": "EACCES",
    "32": "EPIPE",
    "61": "ECONNREFUSED",  # macOS
    "101": "ENETUNREACH",
    "104": "ECONNRESET",
    "110": "ETIMEDOUT",
    "111": "ECONNREFUSED",
    "113": "EHOSTUNREACH",
    "10054": "ECONNRESET",  # Windows
    "10060": "ETIMEDOUT",
    "10061": "ECONNREFUSED",
}
"""Symbolic name by error number of Linux, macOS and Windows."""

ERRNO_CLASSES: Final[Mapping[str, str]] = {
    "ECONNREFUSED": "ConnectionRefusedError",
    "ECONNRESET": "ConnectionResetError",
    "EACCES": "PermissionError",
}
"""Exception class that Python raises for an errno (PEP 3151)."""

ERRNO_TEXTS: Final[Mapping[str, str]] = {
    "connection refused": "ECONNREFUSED",
    "broken pipe": "EPIPE",
    "actively refused it": "ECONNREFUSED",  # Windows
    "connection reset by peer": "ECONNRESET",
    "connection timed out": "ETIMEDOUT",
    "operation timed out": "ETIMEDOUT",  # macOS
    "i/o timeout": "ETIMEDOUT",  # Go
    "network is unreachable": "ENETUNREACH",
    "no route to host": "EHOSTUNREACH",
    "name or service not known": "ENOTFOUND",
    "nodename nor servname provided": "ENOTFOUND",  # macOS
    "getaddrinfo failed": "ENOTFOUND",  # Windows
    "name does not resolve": "ENOTFOUND",  # musl
    "no address associated with hostname": "ENOTFOUND",
    "no such host": "ENOTFOUND",  # Go, Windows
    "failed to lookup address": "ENOTFOUND",  # Rust
    "nxdomain": "ENOTFOUND",  # Erlang
    "temporary failure in name resolution": "EAI_AGAIN",
}
"""Symbolic name by message of the C library or runtime, in lower case: logs often have the message alone."""

ERRNO_NAMES: Final = frozenset(
    (*ERRNO_NUMBERS.values(), "ENOTFOUND", "EAI_AGAIN", "ENOENT", "EADDRINUSE", "EMFILE")
)

VERIFY_CODES: Final[Mapping[str, str]] = {
    "unable to get issuer certificate": "2",
    "certificate is not yet valid": "9",
    "certificate has expired": "10",
    "self-signed certificate in certificate chain": "19",
    "self signed certificate in certificate chain": "19",
    "self-signed certificate": "18",
    "self signed certificate": "18",
    "unable to get local issuer certificate": "20",
    "certificate revoked": "23",
    "unsuitable certificate purpose": "26",
    "Hostname mismatch": "62",
    "IP address mismatch": "64",
    "invalid CA certificate": "79",
}
"""X509_V_ERR code by OpenSSL's message after `certificate verify failed: `.

A message that begins with another one comes before it.
"""
