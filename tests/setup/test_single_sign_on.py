"""The setting of a council's own sign-in is read once, and a wrong one stops the start."""

import pytest

from broker import create_app

CODE = "X99000001"


@pytest.mark.parametrize(
    "wrong",
    [
        "yes",
        {CODE: "yes"},
        {CODE: {"issuer": "https://id.example"}},
        {CODE: {"issuer": "http://id.example", "client_id": "a", "client_secret": "b", "domains": ["a.example"]}},
        {CODE: {"issuer": "https://id.example", "client_id": "a", "client_secret": "b", "domains": "a.example"}},
        {CODE: {"issuer": "https://i.example", "client_id": "a", "client_secret": "b", "domains": ["a.b"], "x": 1}},
    ],
)
def test_a_setting_that_cannot_be_right_stops_the_start(
    wrong: object, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("BROKER_INSTANCE", str(tmp_path))
    with pytest.raises(RuntimeError, match="SINGLE_SIGN_ON"):
        create_app({"SINGLE_SIGN_ON": wrong, "SECRET_KEY": "t" * 40})
