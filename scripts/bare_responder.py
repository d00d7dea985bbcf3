#!/usr/bin/env python3
"""The yardstick: the least an SMSC on trio can do, so that another one's price is read as a multiple of it.

It splits frames by offset, decodes every submit_sm into its fields in a straight line and answers each with one
fixed submit_sm_resp; binds, enquire_link and unbind are answered; with --receipts a deliver_sm follows every
submit_sm that asks for one. It does NOT know of states, windows, refusals, time, a journal or wrong input (a frame
of an impossible length closes the link), and it imports trio only.

FROZEN: figures of different days are comparable only while this file stays as it is.
"""

import argparse
import struct
from contextlib import suppress
from functools import partial
from typing import Any

import trio

BIND = {0x00000001, 0x00000002, 0x00000009}
DELIVER_SM, DELIVER_SM_RESP, SUBMIT_SM = 0x00000005, 0x80000005, 0x00000004
RESPONSE = 0x80000000
MESSAGE_ID = b"0000000001\0"
RECEIPT = b"id:0000000001 sub:001 dlvrd:001 submit date:2001010000 done date:2001010000 stat:DELIVRD err:000 text:fixed"

# A plain tuple in wire order: a class would cost as much again as the decoding.
Fields = tuple[Any, ...]

header = struct.Struct(">IIII")
submit_response = partial(header.pack, 16 + len(MESSAGE_ID), SUBMIT_SM | RESPONSE, 0)


def submit_fields(octets: bytes, at: int, end: int) -> Fields:
    """Every field of a submit_sm body (SMPP 3.4, 4.4.1) between `at` and `end`; TLVs stay one run of octets."""
    nul = octets.index(0, at, end)
    service_type = octets[at:nul]
    source_ton, source_npi = octets[nul + 1], octets[nul + 2]
    at, nul = nul + 3, octets.index(0, nul + 3, end)
    source = octets[at:nul]
    destination_ton, destination_npi = octets[nul + 1], octets[nul + 2]
    at, nul = nul + 3, octets.index(0, nul + 3, end)
    destination = octets[at:nul]
    esm_class, protocol_id, priority = octets[nul + 1], octets[nul + 2], octets[nul + 3]
    at, nul = nul + 4, octets.index(0, nul + 4, end)
    schedule = octets[at:nul]
    at, nul = nul + 1, octets.index(0, nul + 1, end)
    validity = octets[at:nul]
    registered, replace, coding, default = octets[nul + 1], octets[nul + 2], octets[nul + 3], octets[nul + 4]
    at, length = nul + 6, octets[nul + 5]
    text, tlvs = octets[at : at + length], octets[at + length : end]
    return (
        *(service_type, source_ton, source_npi, source, destination_ton, destination_npi, destination, esm_class),
        *(protocol_id, priority, schedule, validity, registered, replace, coding, default, text, tlvs),
    )


def deliver_sm(sequence: int, fields: Fields) -> bytes:
    """The receipt for a submit_sm: its addresses swapped, one fixed text (SMPP 3.4, 4.6.1 and Appendix B)."""
    body = b"\0\1\1%b\0\1\1%b\0\4\0\0\0\0\0\0\0\0%c%b" % (fields[6], fields[3], len(RECEIPT), RECEIPT)
    return header.pack(16 + len(body), DELIVER_SM, 0, sequence) + body


async def answer(stream: trio.SocketStream, *, receipts: bool) -> None:
    """Serve one link until its peer leaves; one receive and one send a batch."""
    rest, delivered = b"", 0
    with suppress(trio.BrokenResourceError):
        async for received in stream:
            octets, at, out = rest + received, 0, []
            while len(octets) - at >= 16:
                length, command, _, sequence = header.unpack_from(octets, at)
                if not 16 <= length <= 65536:
                    return
                if at + length > len(octets):
                    break
                if command == SUBMIT_SM:
                    fields = submit_fields(octets, at + 16, at + length)
                    out.append(submit_response(sequence) + MESSAGE_ID)
                    if receipts and fields[12] & 3 == 1:
                        delivered += 1
                        out.append(deliver_sm(delivered, fields))
                elif command in BIND:
                    out.append(header.pack(21, command | RESPONSE, 0, sequence) + b"bare\0")
                elif command != DELIVER_SM_RESP and not command & RESPONSE:
                    out.append(header.pack(16, command | RESPONSE, 0, sequence))
                at += length
            rest = octets[at:]
            if out:
                await stream.send_all(b"".join(out))


async def serve(host: str, port: int, *, receipts: bool) -> None:
    """Listen, print `ready smpp=HOST:PORT`, serve until cancelled."""
    async with trio.open_nursery() as nursery:
        serving = partial(trio.serve_tcp, partial(answer, receipts=receipts), port, host=host)
        listeners = await nursery.start(serving)
        print(f"ready smpp={host}:{listeners[0].socket.getsockname()[1]}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--receipts", action="store_true", help="send a deliver_sm for each submit_sm that asks")
    options = parser.parse_args()
    try:
        trio.run(partial(serve, options.host, options.port, receipts=options.receipts))
    except* KeyboardInterrupt:
        pass
