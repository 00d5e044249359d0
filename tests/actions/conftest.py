"""A town for the tests of actions."""

import pytest
from flask import Flask

from tests.town import Town, build


@pytest.fixture
def town(database: Flask) -> Town:
    return build()
