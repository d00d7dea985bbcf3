"""Faults of the gateway's own APIs, on request: an error status, a slow answer, so many times.

It knows which dialect is to fail how often. It does NOT know how a dialect writes an error, and touches no message:
what a fault refuses was never read.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field


@dataclass(slots=True, frozen=True)
class Fault:
    """What happens to requests: ``status`` 0 answers them as ever, after ``slow`` seconds."""

    dialect: str
    """Whose requests; empty: all."""
    status: int = 0
    slow: float = 0.0
    times: int = 1
    """Requests left; the fault is gone after them."""


class FaultRequest(BaseModel):
    """What POST /faults takes."""

    model_config = ConfigDict(extra="forbid")

    dialect: Literal["", "signalwire", "flowroute", "signalsms"] = ""
    status: Literal[0, 500, 503] = 0
    slow: float = Field(0.0, ge=0, le=300, allow_inf_nan=False)
    times: int = Field(1, ge=1, le=1_000_000)


class FaultsShape(BaseModel):
    """What the fault endpoint answers: the faults that wait, oldest first."""

    faults: list[FaultRequest]


class Faults:
    """The faults that wait for requests."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """From now on, after those that wait already."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget all."""
        self._waiting.clear()

    def take(self, dialect: str) -> Fault | None:
        """The fault of the next request of a dialect, one of its times spent; None where nothing is to fail."""
        if not self._waiting:
            return None
        for at, fault in enumerate(self._waiting):
            if fault.dialect in {"", dialect}:
                if fault.times > 1:
                    self._waiting[at] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[at]
                return fault
        return None

    def told(self) -> FaultsShape:
        """All that wait."""
        return FaultsShape(
            faults=[
                FaultRequest(dialect=one.dialect, status=one.status, slow=one.slow, times=one.times)
                for one in self._waiting
            ]
        )


def faults_router(faults: Faults) -> APIRouter:
    """GET, POST and DELETE /faults."""
    router = APIRouter(tags=["faults"])

    async def told() -> FaultsShape:
        return faults.told()

    async def added(asked: Annotated[FaultRequest, Body()]) -> FaultsShape:
        faults.add(Fault(asked.dialect, asked.status, asked.slow, asked.times))
        return faults.told()

    async def cleared() -> FaultsShape:
        faults.clear()
        return faults.told()

    router.add_api_route("/faults", told, methods=["GET"], summary="Faults that wait")
    router.add_api_route("/faults", added, methods=["POST"], status_code=201, summary="Let requests fail or be slow")
    router.add_api_route("/faults", cleared, methods=["DELETE"], summary="No faults any more")
    return router


__all__ = ["Fault", "FaultRequest", "Faults", "FaultsShape", "faults_router"]
