"""What networks cost: the same messages through an SMSC that plays the United States, and one that plays nothing.

Without sockets, so that nothing but the two is compared: link and carrier clock are numbers, and a quarter of a second
passes with every ten messages. Knows how traffic looks that a registered sender has: many senders, few wordings.
"""

import gc
import random
import time
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

from simulator.scenario.file import load, parse
from simulator.scenario.schema import Scenario
from simulator.smpp.codec import encode
from simulator.smpp.pdus import BindTransceiver, SubmitSm
from simulator.smsc.play.staging import staged

NETWORKS: Final = Path(__file__).resolve().parent.parent / "scenarios" / "networks" / "us.yaml"
SENDERS, RECIPIENTS, MESSAGES, BATCH = 400, 800, 2_000, 10
START: Final = 1_800_000_000.0
TEMPLATES: Final = (
    "%s: your code is %d. Do not share it with anybody.",
    "Hi from %s! Your order %d is on its way and arrives today. Reply STOP to opt out",
    "%s reminder: your appointment is tomorrow at 10:%02d. Reply C to change",
    "%s: thanks for your visit, ticket %d was closed. See https://www.example.com/t for more",
)
_DELIVER_SM: Final = b"\0\0\0\x05"
_TAKEN: Final = b"\0\0\0\x11\x80\0\0\x05\0\0\0\0"


def registered() -> Scenario:
    """Five brands, twenty campaigns, and the numbers of all senders."""
    brands = ", ".join(f"b{one}: {80 + one}" for one in range(5))
    campaigns = "\n".join(
        f"    CX{one:03d}: {{brand: b{one % 5}, use_case: account_notification, "
        f"numbers: [{', '.join(f'1510555{1000 + number}' for number in range(one, SENDERS, 20))}]}}"
        for one in range(20)
    )
    return parse(f"scenario: 1\nregistry:\n  brands: {{{brands}}}\n  campaigns:\n{campaigns}\n", "registered")


def recipients(networks: Scenario) -> list[str]:
    """Numbers of all networks that have any, in turns."""
    prefixes = [form.prefixes for form in (networks.networks or {}).values() if form.prefixes and form.hub_of is None]
    count = len(prefixes)
    return [
        f"{prefixes[one % count][one // count % len(prefixes[one % count])]}{one // 40:02d}"
        for one in range(RECIPIENTS)
    ]


def batches(numbers: list[str], *, receipts: bool) -> list[bytes]:
    """The messages as octets, ten at a time; the same in every run."""
    luck, made = random.Random(7), list[bytes]()
    # a name for each: one text from many senders would be snowshoeing, and no ordinary traffic
    names = ["".join(luck.choices(ascii_lowercase, k=7)).title() for _ in range(SENDERS)]
    for _ in range(MESSAGES // BATCH):
        octets = b""
        for number in range(BATCH):
            sender = luck.randrange(SENDERS)
            text = TEMPLATES[sender % len(TEMPLATES)] % (names[sender], luck.randrange(100_000))
            message = SubmitSm(sequence_number=2 + number, source_addr=f"1510555{1000 + sender}")
            message.destination_addr, message.short_message = luck.choice(numbers), text.encode()
            message.source_addr_ton = message.source_addr_npi = message.dest_addr_ton = message.dest_addr_npi = 1
            message.registered_delivery = int(receipts)
            octets += encode(message)
        made.append(octets)
    return made


class Side:
    """One SMSC with a bound ESME, and the least that each batch has cost it so far, in seconds."""

    def __init__(self, scenarios: list[Scenario], octets: list[bytes]) -> None:
        self.smsc = staged(scenarios, 0.0, START)
        self._session = self.smsc.connect(0.0, "bench", lambda: None)
        self._now = 1.0
        self._octets = octets
        self.least = [float("inf")] * len(octets)
        bind = BindTransceiver(system_id="gateway", interface_version=0x34, sequence_number=1)
        self._feed(encode(bind))

    def _feed(self, octets: bytes) -> bytes:
        self._session.receive_data(octets, self._now)
        written = self._session.data_to_send()
        self._session.written(self._now)
        return written

    def run(self) -> None:
        """All batches once. What the ESME costs is not counted."""
        clock = time.perf_counter
        for index, octets in enumerate(self._octets):
            self._now += 0.25
            began = clock()
            written = self._feed(octets)
            self.smsc.tick(self._now)
            if late := self._session.data_to_send():
                self._session.written(self._now)
            spent = clock() - began
            written += late
            while taken := acknowledged(written):
                began = clock()
                written = self._feed(taken)
                spent += clock() - began
            self.least[index] = min(self.least[index], spent)
        self._now += 0.5

    @property
    def microseconds(self) -> float:
        """What a message has cost."""
        return sum(self.least) / MESSAGES * 1e6


def acknowledged(octets: bytes) -> bytes:
    """The deliver_sm_resp to every deliver_sm in what was written."""
    answers, place = b"", 0
    while place < len(octets):
        if octets[place + 4 : place + 8] == _DELIVER_SM:
            answers += _TAKEN + octets[place + 12 : place + 16] + b"\0"
        place += int.from_bytes(octets[place : place + 4], "big")
    return answers


def compared(rounds: int, *, receipts: bool) -> dict[str, Any]:
    """CPU microseconds a message of both, from runs in turns: the least of each batch, for what disturbs only adds."""
    networks = load(str(NETWORKS))
    octets = batches(recipients(networks), receipts=receipts)
    plain, played = Side([], octets), Side([networks, registered()], octets)
    for side in (plain, played):
        side.run()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for _ in range(rounds):
            plain.run()
            played.run()
    finally:
        gc.enable()
        gc.unfreeze()
    none, networks_us = plain.microseconds, played.microseconds
    return {"none_us": none, "networks_us": networks_us, "times": round(networks_us / none, 3)}
