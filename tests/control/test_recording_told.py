"""How the file of events fares, as /healthz and /metrics tell it."""

from dataclasses import dataclass
from pathlib import Path

import httpx2
import trio

from simulator.control.api import make_app
from simulator.control.metrics import Metrics
from simulator.control.shapes import HealthShape
from tests.control.test_metrics import samples
from tests.smsc.world import World


@dataclass
class Fare:
    """A file that is being written, as the API sees it."""

    path: Path = Path("day.jsonl")
    written: int = 5
    waiting: int = 7
    lost: int = 3
    error: str | None = None


async def health(world: World, fare: Fare | None) -> HealthShape:
    app = make_app(world.smsc, lambda: world.now, pause=trio.lowlevel.checkpoint, recording=fare)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as client:
        response = await client.get("/healthz")
    assert response.status_code == 200
    return HealthShape.model_validate_json(response.content)


async def test_health_tells_how_the_file_fares(world: World) -> None:
    told = (await health(world, Fare(error="No space left on device"))).journal
    assert told is not None
    assert (told.file, told.written, told.waiting, told.lost) == ("day.jsonl", 5, 7, 3)
    assert told.error == "No space left on device"


async def test_a_broken_file_does_not_make_the_server_ill(world: World) -> None:
    assert (await health(world, Fare(error="gone"))).status == "ok"


async def test_without_a_file_health_says_nothing_of_one(world: World) -> None:
    assert (await health(world, None)).journal is None


def read(world: World, fare: Fare | None) -> dict[str, float]:
    told = samples(Metrics(world.smsc, fare).text().decode())
    return {name.removeprefix("carrier_sim_"): one for name, one in told.items() if "journal_file" in name}


def test_the_numbers_tell_how_the_file_fares(world: World) -> None:
    assert read(world, Fare()) == {
        "journal_file_events_total{fate=written}": 5,
        "journal_file_events_total{fate=lost}": 3,
        "journal_file_waiting": 7,
        "journal_file_broken": 0,
    }
    assert read(world, Fare(error="gone"))["journal_file_broken"] == 1
    assert read(world, None) == {}
