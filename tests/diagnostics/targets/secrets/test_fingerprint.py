"""Fingerprints: equal for equal secrets, and not reversible."""

import hashlib
import subprocess
import sys

from diagnostics.targets.secrets.fingerprint import digest, fingerprint


def test_equal_secrets_have_equal_fingerprints_and_others_do_not() -> None:
    assert fingerprint("correct horse") == fingerprint("correct horse")
    assert fingerprint("correct horse") != fingerprint("correct horsf")


def test_a_fingerprint_is_no_bare_hash_and_differs_in_every_run() -> None:
    program = "from diagnostics.targets.secrets.fingerprint import fingerprint; print(fingerprint('hunter2'))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert fingerprint("hunter2") != other.strip()
    assert fingerprint("hunter2")[3:] not in hashlib.sha256(b"hunter2").hexdigest()


def test_where_one_part_ends_and_the_next_begins_matters() -> None:
    assert digest("ab", "c") != digest("a", "bc")


def test_an_empty_secret_is_called_empty() -> None:
    assert fingerprint("") == "empty"
