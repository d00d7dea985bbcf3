"""Answers of HTTP that are read without h11, those that are not, and requests that cannot be made."""

from typing import Any

import pytest

from simulator.gateway.callers import Caller, CallFailed, quick_answer
from simulator.gateway.config import CallbackSettings
from simulator.gateway.messages import Answer, Callback
from tests.gateway.kit import sink


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, {}, b"")),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", (200, {b"content-length": b"2"}, b"ok")),
        (b"HTTP/1.1 500 Oops\r\ncontent-length:0\r\n\r\n", (500, {b"content-length": b"0"}, b"")),
    ],
)
def test_a_plain_answer_is_read_at_once(octets: bytes, answer: tuple[int, dict[bytes, bytes], bytes]) -> None:
    assert quick_answer(octets) == answer


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No\r\n\r\nHTTP",
        b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
        b"SMTP ready\r\n\r\n",
    ],
)
def test_everything_else_is_left_to_h11(octets: bytes) -> None:
    assert quick_answer(octets) is None


def callback(url: str, *headers: tuple[str, str]) -> Callback:
    return Callback("signalwire", "a", url, b"{}", headers)


async def called(url: str, *headers: tuple[str, str], **policy: Any) -> Answer:
    caller = Caller()
    try:
        return await caller.call(callback(url, *headers), CallbackSettings.model_validate(policy))
    finally:
        await caller.close()


async def test_a_header_that_would_be_two_is_refused() -> None:
    async with sink() as sunk:
        with pytest.raises(CallFailed, match="line break"):
            await called(sunk.url, ("x", "a\r\nb: c"))
        with pytest.raises(CallFailed, match="headers"):
            await called(sunk.url, ("x", "\N{SNOWMAN}"))
        assert sunk.requests == []


async def test_an_answer_without_end_is_cut_off() -> None:
    async with sink() as sunk:
        sunk.answers.append(b"HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n" + b"x" * 70_000)
        with pytest.raises(CallFailed, match="more than 65536 octets"):
            await called(sunk.url)


async def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    async with sink() as sunk:
        caller = Caller()
        assert (await caller.call(callback(sunk.url), CallbackSettings())).status == 204
        sunk.answers += [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]
        assert (await caller.call(callback(sunk.url), CallbackSettings())).status == 200
        assert sunk.connections == 2
        await caller.close()


async def test_who_never_answers_is_not_waited_for_longer_than_the_policy_says() -> None:
    async with sink() as sunk:
        sunk.answers.append(b"HTTP/1.1 200 OK\r\n")
        with pytest.raises(CallFailed, match=r"no answer within 0\.05 s"):
            await called(sunk.url, read=0.05)


async def test_nobody_there_is_told() -> None:
    async with sink() as sunk:
        url = sunk.url
    with pytest.raises(CallFailed, match="no connection"):
        await called(url)


async def test_the_login_of_an_url_becomes_a_header() -> None:
    async with sink() as sunk:
        await called(sunk.url.replace("//", "//user:secret@"))
        assert "authorization: Basic dXNlcjpzZWNyZXQ=" in sunk.heads[0]
        assert f"host: 127.0.0.1:{sunk.port}\r\n" in sunk.heads[0]


async def test_more_redirects_than_allowed_are_no_answer() -> None:
    async with sink() as sunk:
        for _ in range(2):
            sunk.answer("302 Found", b"", "location: /again")
        with pytest.raises(CallFailed, match="more than 1 redirects"):
            await called(sunk.url, redirects=1)
