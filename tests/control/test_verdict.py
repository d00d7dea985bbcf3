"""GET /api/verdict and POST /api/observations: what a run is worth so far, and what the gateway tells."""

import pytest

from tests.checks.watching import Watched
from tests.control.caller import Caller

EXPECTS = "expect: {gateway: {status: delivered, name: it shows delivered}}"


@pytest.fixture
def watched() -> Watched:
    return Watched(EXPECTS)


@pytest.fixture
def judge(watched: Watched) -> Caller:
    caller = Caller(watched)
    caller.app = caller.app_with(caller.pause, watch=watched.watch)
    return caller


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/api/verdict", None), ("POST", "/api/observations", {"message": "1", "status": "delivered"})],
)
async def test_where_nobody_judges_that_is_said(caller: Caller, method: str, path: str, body: object) -> None:
    error = await caller.refused(method, path, 409, json=body)
    assert (error["code"], "serve with --report" in error["detail"]) == ("not_asked", True)


async def test_the_verdict_tells_checks_and_expectations(judge: Caller, watched: Watched) -> None:
    watched.bound().submit(data_coding=8, short_message=b"odd")
    told = await judge.get("/api/verdict")
    assert (told["version"], told["outcome"], told["is_bad"]) == (1, "failed", True)
    (check,) = [one for one in told["checks"] if one["name"] == "coding_fits_octets"]
    assert (check["outcome"], check["evidence"][0]["decoded"]["fields"]["data_coding"]) == ("failed", 8)
    (expectation,) = told["expectations"]
    assert (expectation["name"], expectation["outcome"]) == ("it shows delivered", "unknown")


async def test_an_observation_is_what_was_missing(judge: Caller, watched: Watched) -> None:
    watched.bound().submit()
    body = {"message": "+12025550100", "status": "delivered"}
    response = await judge.call("POST", "/api/observations", json=body)
    assert (response.status_code, response.json()) == (200, {"id": "1", "status": "delivered", "told": 1})
    (expectation,) = (await judge.get("/api/verdict"))["expectations"]
    assert expectation["outcome"] == "coped"


async def test_a_message_that_is_none_is_answered_with_what_is_nearest(judge: Caller, watched: Watched) -> None:
    watched.bound().submit()
    body = {"message": "12025550101", "status": "delivered"}
    error = await judge.refused("POST", "/api/observations", 404, json=body)
    assert (error["code"], error["candidates"]) == ("not_found", ["12025550100"])
    assert error["detail"].startswith("message: '12025550101' is no message_id")


async def test_an_observation_without_a_status_is_invalid(judge: Caller) -> None:
    error = await judge.refused("POST", "/api/observations", 422, json={"message": "1"})
    assert error["where"][0]["field"] == "status"


async def test_what_nobody_wants_to_know_is_refused() -> None:
    world = Watched()
    world.bound().submit()
    caller = Caller(world)
    caller.app = caller.app_with(caller.pause, watch=world.watch)
    error = await caller.refused("POST", "/api/observations", 409, json={"message": "1", "status": "delivered"})
    assert (error["code"], "no scenario expects anything of the gateway" in error["detail"]) == ("not_asked", True)
