"""Whether anything is still to come, over HTTP."""

from tests.control.caller import Caller
from tests.smsc.world import World


async def test_what_is_to_come_is_told_in_words_until_nothing_is(world: World, caller: Caller) -> None:
    world.bound().submit()
    told = await caller.get("/api/pending")
    assert told == {"is_idle": False, "pending": ["1 messages of gateway without an end"]}
    world.run(1.0)
    assert await caller.get("/api/pending") == {"is_idle": True, "pending": []}


async def test_of_an_account_only_its_own_is_told(world: World, caller: Caller) -> None:
    world.bound().submit()
    assert (await caller.get("/api/pending", account="other"))["is_idle"] is True
    assert (await caller.get("/api/pending", account="gateway"))["is_idle"] is False


async def test_a_word_that_is_none_is_refused(caller: Caller) -> None:
    told = await caller.refused("GET", "/api/pending", 422, params={"acount": "x"})
    assert told["where"][0]["field"] == "acount"
