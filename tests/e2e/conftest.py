"""Fixtures of the end-to-end tests: one server for all tests of a file that need no settings of their own."""

from collections.abc import Iterator

import pytest

from tests.e2e.served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running server that takes every system_id with any password; each test binds under a name of its own."""
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server
