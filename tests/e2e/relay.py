"""Between an ESME and the server: carries octets both ways unchanged, and remembers them."""

import time

import trio

from tests.e2e.pcap import Conversation


class Relay:
    """Listens on a loopback port; each connection to it becomes one to the server, and one Conversation."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.conversations: list[Conversation] = []

    async def serve(self, *, task_status: trio.TaskStatus[int]) -> None:
        """Relay until cancelled; tells the port."""
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        task_status.started(listeners[0].socket.getsockname()[1])
        await trio.serve_listeners(self._relay, listeners)

    async def _relay(self, client: trio.SocketStream) -> None:
        conversation = Conversation()
        self.conversations.append(conversation)
        server = await trio.open_tcp_stream("127.0.0.1", self.server_port)
        async with client, server, trio.open_nursery() as nursery:
            nursery.start_soon(self._carry, client, server, conversation, True)
            nursery.start_soon(self._carry, server, client, conversation, False)

    async def _carry(
        self, source: trio.SocketStream, sink: trio.SocketStream, conversation: Conversation, is_client: bool
    ) -> None:
        try:
            async for octets in source:
                conversation.chunks.append((time.time(), is_client, bytes(octets)))
                await sink.send_all(octets)
            await sink.send_eof()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            # one of the two hung up: what was said until then is kept
            return
