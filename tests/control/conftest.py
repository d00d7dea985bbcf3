"""A world and somebody who asks its control API."""

import pytest

from tests.control.caller import Caller
from tests.smsc.world import World


@pytest.fixture
def world() -> World:
    return World(seed=1)


@pytest.fixture
def caller(world: World) -> Caller:
    return Caller(world)


@pytest.fixture
def guarded(world: World) -> Caller:
    """One whose API wants a token, which he does not know unless a test tells him."""
    return Caller(world, token="s3cret")
