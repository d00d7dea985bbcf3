"""The control API of an embedded SMSC, served as soon as somebody asks for its address, and not before.

It knows where and when; what the API says is control's. Nothing of it is imported before that: it takes longer than
all else that an embedded SMSC does.
"""

from functools import partial
from importlib import import_module
from typing import Any

import trio

from simulator.embed.inside import Inside


class Web:
    """The API of one SMSC, or none yet."""

    def __init__(self) -> None:
        self.url = ""
        """Where it is served; empty until it is."""
        self._stop = trio.Event()

    @staticmethod
    def prepare() -> None:
        """Import what it needs, in whose thread this is: the links of the SMSC go on meanwhile."""
        for module in ("simulator.control.api", "simulator.net.http"):
            import_module(module)

    async def open(self, inside: Inside, nursery: trio.Nursery, host: str) -> str:
        """Serve it in a nursery, on a free port of that host; its address. Raises OSError."""
        if not self.url:
            api: Any = import_module("simulator.control.api")
            http: Any = import_module("simulator.net.http")
            sock = http.listen(host, 0)
            name, port = sock.getsockname()[:2]
            # before anybody else can ask, in the pause that follows
            self.url = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
            app = api.make_app(
                *(inside.smsc, trio.current_time),
                pause=trio.lowlevel.checkpoint,
                server=inside.server,
                authority=inside.doors.authorities or None,
                playing=inside.playing,
            )
            await nursery.start(partial(http.serve_http, app, sock, stop=self._stop))
        return self.url

    def close(self) -> None:
        """Serve no more."""
        self._stop.set()


__all__ = ["Web"]
