"""Numbers of public registers: forgiven where the meaning is plain, refused where it is not."""

import pytest

from broker.domain.registers import normalise_number


@pytest.mark.parametrize(
    ("scheme", "typed", "kept"),
    [
        ("GB-CHC", "1234567", "1234567"),
        ("GB-CHC", " 123 456 ", "123456"),
        ("GB-CHC", "1234567-1", "1234567-1"),
        ("GB-CHC", "12345", None),
        ("GB-CHC", "12345678", None),
        ("GB-CHC", "SC012345", None),
        ("GB-COH", "01234567", "01234567"),
        ("GB-COH", "1234567", "01234567"),
        ("GB-COH", "sc123456", "SC123456"),
        ("GB-COH", "IP12345R", "IP12345R"),
        ("GB-COH", "123", None),
        ("GB-COH", "ABC12345", None),
        ("GB-SC", "sc12345", "SC012345"),
        ("GB-SC", "012345", "SC012345"),
        ("GB-SC", "SC1", None),
        ("GB-NIC", "101234", "NIC101234"),
        ("GB-NIC", "nic 101234", "NIC101234"),
        ("GB-NIC", "NIC", None),
        ("GB-MPR", "12345R", "12345R"),
        ("GB-MPR", "RS007612", "RS007612"),
        ("GB-MPR", "R", None),
        ("GB-XYZ", "1234567", None),
        ("", "", None),
        ("GB-CHC", "", None),
        ("GB-CHC", "١٢٣٤٥٦٧", None),
    ],
)
def test_numbers(scheme: str, typed: str, kept: str | None) -> None:
    assert normalise_number(scheme, typed) == kept
