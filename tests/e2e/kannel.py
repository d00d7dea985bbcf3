"""Kannel as a real gateway: its configuration, its two processes, and its HTTP door.

Knows Kannel 1.4.5's ways: a transceiver is one smsc group, a transmitter with a receiver are two groups of one smsc-id
(one group with both ports is refused), and an smsbox with a name would get no unrouted incoming messages.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.e2e.corpus import Fields
from tests.e2e.processes import Program, eventually, free_port, program
from tests.e2e.served import Served
from tests.e2e.sink import Sink

BOUND_WITHIN = 25.0

SETTINGS = """
group = core
admin-port = {admin_port}
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = {smsbox_port}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = "*.*.*.*"
dlr-storage = internal
log-level = 1
{smsc_groups}
group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox_port}
sendsms-port = {sendsms_port}
sendsms-interface = 127.0.0.1
log-level = 1

group = sendsms-user
username = tester
password = secret
max-messages = 20
concatenation = true
forced-smsc = carrier

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{sink}/mo?from=%p&to=%P&coding=%c&text=%b"
"""

SMSC_GROUP = """
group = smsc
smsc = smpp
smsc-id = carrier
host = {host}
{port_setting} = {port}
transceiver-mode = {is_transceiver}
smsc-username = kannel
smsc-password = secret
system-type = ""
interface-version = 34
max-pending-submits = 50
enquire-link-interval = 30
reconnect-delay = 1
"""

# For each form of binding: the port's setting and transceiver-mode of every group it takes.
BINDS = {"TRX": [("port", 1)], "TX + RX": [("port", 0), ("receive-port", 0)]}


def settings(served: Served, sink: Sink, form: str, ports: dict[str, int]) -> str:
    """The configuration file of both boxes."""
    groups = "".join(
        SMSC_GROUP.format(host=served.host, port=served.port, port_setting=setting, is_transceiver=is_transceiver)
        for setting, is_transceiver in BINDS[form]
    )
    return SETTINGS.format(sink=sink.url, smsc_groups=groups, **ports)


class Kannel:
    """A running Kannel: ``sendsms`` gives it a message as an application would; ``log`` is what its bearerbox says."""

    def __init__(self, sendsms_port: int, log: Callable[[], str]) -> None:
        self.sendsms_port = sendsms_port
        self.log = log

    def door(self) -> HTTPConnection:
        """A connection to sendsms, kept alive; one for each thread."""
        return HTTPConnection("127.0.0.1", self.sendsms_port, timeout=20)

    def sendsms(self, door: HTTPConnection, fields: Fields) -> int:
        """Hand over a message; the HTTP status."""
        query = urlencode({"username": "tester", "password": "secret", "charset": "UTF-8", **fields})
        door.request("GET", f"/cgi-bin/sendsms?{query}")
        answer = door.getresponse()
        answer.read()
        return answer.status


@contextmanager
def gateway(folder: Path, served: Served, sink: Sink, form: str) -> Iterator[Kannel]:
    """Kannel bound to the server in one of the forms of BINDS; ended when the block is left."""
    bearerbox, smsbox = (program(name, "/usr/sbin") for name in ("bearerbox", "smsbox"))
    ports = {name: free_port() for name in ("admin_port", "smsbox_port", "sendsms_port")}
    file = folder / "kannel.conf"
    file.write_text(settings(served, sink, form, ports))
    with ExitStack() as boxes:
        bearer = boxes.enter_context(Program([bearerbox, "-v", "1", str(file)], folder / "bearerbox.log"))
        links = len(BINDS[form])
        eventually(
            lambda: _status(ports["admin_port"]).count("(online") == links,
            BOUND_WITHIN,
            f"{links} bound links of Kannel",
            bearer.last_words,
        )
        box = boxes.enter_context(Program([smsbox, "-v", "1", str(file)], folder / "smsbox.log"))
        eventually(
            lambda: re.search(r"smsbox:.*127\.0\.0\.1", _status(ports["admin_port"])) is not None,
            BOUND_WITHIN,
            "the smsbox at its bearerbox",
            box.last_words,
        )
        kannel = Kannel(ports["sendsms_port"], bearer.printed)
        eventually(lambda: _is_open(kannel), BOUND_WITHIN, "an open sendsms port", box.last_words)
        yield kannel
        if not (bearer.is_running() and box.is_running()):
            pytest.fail(f"Kannel ended\n{bearer.last_words()}\n{box.last_words()}")


def _status(port: int) -> str:
    door = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        door.request("GET", "/status.txt?password=admin")
        return door.getresponse().read().decode(errors="replace")
    except OSError:
        return ""
    finally:
        door.close()


def _is_open(kannel: Kannel) -> bool:
    door = kannel.door()
    try:
        door.connect()
    except OSError:
        return False
    finally:
        door.close()
    return True
