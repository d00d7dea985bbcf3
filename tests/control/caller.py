"""Asks a control API without a socket. Every answer, errors too, is held against the shape that the API declares."""

from collections.abc import Collection
from typing import Any

import httpx2
import trio
from fastapi import FastAPI

from simulator.control.api import ROUTES, make_app
from simulator.control.search import Pause
from simulator.control.shapes import ProblemShape
from tests.smsc.world import World


class Caller:
    """Asks the control API of a world."""

    def __init__(self, world: World, *, token: str | None = None) -> None:
        self.world = world
        self.pauses = 0
        self.app = self.app_with(self.pause, token)
        self.headers: dict[str, str] = {}

    def app_with(self, pause: Pause, token: str | None = None, hosts: Collection[str] = (), **more: Any) -> FastAPI:
        return make_app(self.world.smsc, lambda: self.world.now, pause=pause, token=token, hosts=hosts, **more)

    async def pause(self) -> None:
        self.pauses += 1
        await trio.lowlevel.checkpoint()

    async def call(self, method: str, path: str, **options: Any) -> httpx2.Response:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://localhost:8775", headers=self.headers
        ) as client:
            response = await client.request(method, path, **options)
        if response.status_code >= 400:
            told = ProblemShape.model_validate_json(response.content)
            assert (told.status, told.type) == (response.status_code, f"/api/problems#{told.code}")
            assert response.headers["content-type"] == "application/problem+json"
        elif method != "HEAD":
            asked = method, response.request.url.path
            shape = next((one.shape for one in ROUTES if (one.method, one.path) == asked), None)
            if shape is not None:
                shape.model_validate_json(response.content)
        return response

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer that is no error."""
        response = await self.call("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    async def rows(self, **params: Any) -> list[Any]:
        found = (await self.get("/api/messages", **params))["messages"]
        assert isinstance(found, list)
        return found

    async def refused(self, method: str, path: str, status: int, **options: Any) -> Any:
        """The error of an answer with that status."""
        response = await self.call(method, path, **options)
        assert response.status_code == status, response.text
        return response.json()
