"""Networks with doors of their own, in a program's own SMSC: each has a port, and what comes there is the network's."""

from simulator.embed.embedded import open_smsc
from simulator.scenario.file import parse
from tests.embed.gateway import Gateway

DOORS = """scenario: 1
networks:
  north: {prefixes: [1202], delays: instant, listener: {}}
  south: {prefixes: [1303], delays: instant, listener: {}, tlvs: {submits: {0x1410: {}}}}
"""


def test_what_comes_by_a_networks_port_is_that_networks() -> None:
    with open_smsc(parse(DOORS)) as smsc:
        ports = {smsc.port, smsc.port_of("north"), smsc.port_of("south")}
        assert len(ports) == 3
        told = []
        for port in (smsc.port, smsc.port_of("north"), smsc.port_of("south")):
            gateway = Gateway(smsc.host, port)
            told.append(gateway.send())
            gateway.close()
        assert told == [0, 0, 0xC3]
        smsc.wait_for(state="DELIVRD", count=2)
        assert [one.state for one in smsc.messages()] == ["DELIVRD", "DELIVRD", "REFUSED"]
        assert smsc.journal.count(kind="bound", listener="south") == 1
