"""The HTTP server takes what is HTTP, and nothing else, and not for long."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.adapters.onvif.framing import Request
from homeroom.adapters.onvif.http import HttpServer, Limits, Response

LIMITS = Limits(connections=3, head=1024, body=2048, first=0.3, idle=0.3, receive=0.3, send=0.3)
PATIENT = Limits(head=1024, body=2048)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


async def echo(request: Request) -> Response:
    """Answers with what was asked."""
    return Response(200, f"{request.method} {request.target} ".encode() + request.body)


async def dialog(talk: Talk, limits: Limits = PATIENT, serve: Callable[[Request], Awaitable[Response]] = echo) -> bytes:
    """Runs a server and one client against it."""
    server = HttpServer(serve, limits)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    await server.start(listening)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(5):
            return await talk(reader, writer)
    finally:
        writer.close()
        await server.close()


def heard(sent: bytes, limits: Limits = PATIENT) -> bytes:
    """All that the server says to these bytes until it ends the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(sent)
        return await reader.read(-1)

    return asyncio.run(dialog(talk, limits))


def post(body: bytes, *headers: str) -> bytes:
    """A POST that ends the connection."""
    lines = ["POST /p?q HTTP/1.1", "Host: h", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def body_of(answer: bytes) -> bytes:
    """The last answer's body."""
    return answer.rpartition(b"\r\n\r\n")[2]


def test_a_request_is_answered() -> None:
    answer = heard(post(b"abc", "Content-Length: 3"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body_of(answer) == b"POST /p?q abc"


def test_a_chunked_request_is_answered() -> None:
    chunks = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n"
    assert body_of(heard(post(chunks, "Transfer-Encoding: chunked"))) == b"POST /p?q abcde"


def test_who_expects_a_word_before_the_body_gets_it() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(post(b"", "Content-Length: 3", "Expect: 100-continue"))
        word = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"abc")
        return word + await reader.read(-1)

    answer = asyncio.run(dialog(talk))
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert body_of(answer) == b"POST /p?q abc"


def test_a_connection_serves_many_requests() -> None:
    one = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
    answer = heard(one + b"\r\n" + one + post(b""))
    assert answer.count(b"HTTP/1.1 200 OK") == 3


def test_an_older_client_is_answered_and_left() -> None:
    assert body_of(heard(b"POST /a HTTP/1.0\r\nContent-Length: 1\r\n\r\nx")) == b"POST /a x"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"POST /a HTTP/2.0\r\nHost: h\r\n\r\n", 400),
        (b"POST /a HTTP/1.1\r\n\r\n", 400),
        (b"POST /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400),
        (b"POST /a HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400),
        (b"POST /a HTTP/1.1\r\nHost : h\r\n\r\n", 400),
        (post(b"", "Content-Length: -1"), 400),
        (post(b"", "Content-Length: 1", "Content-Length: 1"), 400),
        (post(b"", "Content-Length: 1", "Transfer-Encoding: chunked"), 400),
        (post(b"", "Transfer-Encoding: gzip"), 501),
        (post(b"", "Content-Encoding: gzip"), 415),
        (post(b"", "Content-Length: 2049"), 413),
        (post(b"", "Content-Length: 999999999999"), 413),
        (post(b"fff\r\n" + b"x" * 0xFFF, "Transfer-Encoding: chunked"), 413),
        (post(b"xyz\r\n", "Transfer-Encoding: chunked"), 400),
        (post(b"1\r\nabc", "Transfer-Encoding: chunked"), 400),
        (post(b"0\r\n" + b"T: t\r\n" * 500 + b"\r\n", "Transfer-Encoding: chunked"), 431),
        (b"POST /a HTTP/1.1\r\n" + b"A: a\r\n" * 500, 431),
        (b"x" * 5000, 431),
        (b"POST /" + b"a" * 1025 + b" HTTP/1.1\r\n", 431),
    ],
)
def test_what_is_no_request_that_we_take_is_refused(sent: bytes, status: int) -> None:
    answer = heard(sent)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    "sent", [b"", b"POST", post(b"ab", "Content-Length: 3"), post(b"5\r\nab", "Transfer-Encoding: chunked")]
)
def test_who_is_slow_is_left(sent: bytes) -> None:
    assert heard(sent, LIMITS) == b""


def test_who_drips_is_left_too() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        reading = asyncio.ensure_future(reader.read(-1))
        for byte in post(b""):
            writer.write(bytes([byte]))
            done, _ = await asyncio.wait({reading}, timeout=0.05)
            if done:
                break
        return await reading

    assert asyncio.run(dialog(talk, LIMITS)) == b""


def test_who_does_not_read_is_left() -> None:
    async def much(_request: Request) -> Response:
        return Response(200, b"x" * 50_000_000)

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(post(b""))
        while True:  # ends by a reset, or else by the dialog's own limit
            writer.write(b"more")
            try:
                await writer.drain()
            except ConnectionError:
                return b"left"
            await asyncio.sleep(0.02)

    assert asyncio.run(dialog(talk, LIMITS, much)) == b"left"


def test_too_many_that_are_busy_are_turned_away() -> None:
    busy, done = asyncio.Semaphore(0), asyncio.Event()

    async def slow(_: Request) -> Response:
        busy.release()
        await done.wait()
        return Response(200)

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writers = [writer]
        for _ in range(2):
            _, other = await asyncio.open_connection(*writer.get_extra_info("peername")[:2])
            writers.append(other)
        for one in writers:
            one.write(post(b"", "Content-Length: 0"))
            await busy.acquire()
        late, other = await asyncio.open_connection(*writer.get_extra_info("peername")[:2])
        try:
            return await late.read(-1)
        finally:
            done.set()
            for one in (*writers[1:], other):
                one.close()
                await one.wait_closed()

    assert asyncio.run(dialog(talk, Limits(connections=3), slow)).startswith(b"HTTP/1.1 503 ")


def test_a_failure_ends_one_connection_alone() -> None:
    async def fail(_request: Request) -> Response:
        raise RuntimeError("a bug")

    failures: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, what: failures.append(str(what["exception"])))
        writer.write(post(b""))
        said = await reader.read(-1)
        _, other = await asyncio.open_connection("127.0.0.1", writer.get_extra_info("peername")[:2][1])
        other.close()
        return said

    assert asyncio.run(dialog(talk, serve=fail)) == b""
    assert failures == ["a bug"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_random_bytes_get_an_answer_or_an_end(noise: bytes, begins_well: bool) -> None:
    sent = (b"POST /a HTTP/1.1\r\nHost: h\r\n" if begins_well else b"") + noise

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(sent)
        writer.write_eof()
        return await reader.read(-1)

    try:
        answer = asyncio.run(dialog(talk))
    except ConnectionError:
        return
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")


def test_a_field_of_nothing_but_spaces_costs_nothing() -> None:
    spaces = b" " * 14_000
    for value in (spaces + b"\x01", b"a" + spaces + b"b"):
        answer = heard(b"POST /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX:" + value + b"\r\n\r\n", Limits())
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 200"))


def test_who_keeps_connections_idle_keeps_nobody_out() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")  # answered, and idle from now on
        late, other = await asyncio.open_connection(*writer.get_extra_info("peername")[:2])
        try:
            other.write(post(b"", "Content-Length: 0"))
            return await late.read(-1)
        finally:
            other.close()
            await other.wait_closed()

    assert asyncio.run(dialog(talk, Limits(connections=1))).startswith(b"HTTP/1.1 200")


def test_an_idle_end_is_ours_and_the_client_s_answer_to_it_is_a_receipt() -> None:
    arrived = asyncio.Event()

    async def receipt() -> None:
        arrived.set()

    async def serve(_: Request) -> Response:
        return Response(200, b"events", receipt=receipt)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
        said = await reader.read(-1)  # until the server says that it has waited enough
        writer.close()
        await arrived.wait()
        return said

    assert b"events" in asyncio.run(dialog(talk, Limits(idle=0.2), serve))


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_that_comes_while_the_server_closes_is_ended_too(turns: int) -> None:
    async def run() -> set[asyncio.Task[Any]]:
        server = HttpServer(echo, PATIENT)
        listening = socket.create_server(("127.0.0.1", 0))
        await server.start(listening)
        with socket.create_connection(listening.getsockname(), 5) as client:
            for _ in range(turns):  # of the loop: accepted, made known, begun, waiting
                await asyncio.sleep(0)
            await server.close()
            client.settimeout(5)
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(1) == b""
        return {one for one in asyncio.all_tasks() if one is not asyncio.current_task()}

    assert asyncio.run(run()) == set()
    gc.collect()  # a transport that was left open would say so now
