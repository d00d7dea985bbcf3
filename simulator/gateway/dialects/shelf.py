"""Where a dialect keeps what its customers set over the API itself, as webhooks. It knows keys and texts only."""

from typing import Protocol


class Shelf(Protocol):
    """Small texts by customer and key. What was put is there after a restart, where the shelf says so."""

    def get(self, space: str, key: str) -> str:
        """The text; empty where none was put."""
        ...

    async def put(self, space: str, key: str, value: str) -> None:
        """Keep a text; on return it is kept as well as this shelf can."""
        ...


class MemoryShelf:
    """A shelf that ends with the process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], str] = {}

    def get(self, space: str, key: str) -> str:
        """The text; empty where none was put."""
        return self._kept.get((space, key), "")

    async def put(self, space: str, key: str, value: str) -> None:
        """Keep a text until the process ends."""
        self._kept[space, key] = value


__all__ = ["MemoryShelf", "Shelf"]
