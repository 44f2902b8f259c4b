"""Host names as urllib3, and so `requests`, encodes them: by IDNA 2008. Python's own codec has IDNA 2003."""


def host_as_sent(host: str) -> str:
    """Return the ASCII form of a host name. Raises UnicodeError if `requests` refuses the name."""
    if host.isascii():
        return host
    import idna  # noqa: PLC0415  a dependency of requests, whose tables only such a name needs

    return idna.encode(host.lower(), strict=True, std3_rules=True).decode("ascii")
