"""The loop's thread: starts, runs coroutines from other threads, and ends with everything in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from homeroom.loop import LoopThread


async def where() -> str:
    return threading.current_thread().name


def test_coroutines_run_in_its_thread() -> None:
    thread = LoopThread()
    thread.start()
    try:
        assert asyncio.run_coroutine_threadsafe(where(), thread.loop).result(10) == "homeroom-loop"
    finally:
        thread.close()
    assert thread.loop.is_closed()


def test_there_is_no_loop_before_the_start() -> None:
    thread = LoopThread()
    with pytest.raises(RuntimeError, match="start"):
        _ = thread.loop
    thread.close()


def test_closing_cancels_tasks_and_ends_generators_and_the_executor() -> None:
    thread = LoopThread()
    ended: list[str] = []
    begun = threading.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            ended.append("generator")

    async def forever() -> None:
        await asyncio.to_thread(threading.current_thread)
        generator = numbers()
        await anext(generator)
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.append("task")

    thread.start()
    asyncio.run_coroutine_threadsafe(forever(), thread.loop)
    assert begun.wait(10)
    thread.close()
    assert sorted(ended) == ["generator", "task"]
    assert not [one.name for one in threading.enumerate() if one.name.startswith(("asyncio", "homeroom-loop"))]


def test_closing_twice_is_harmless() -> None:
    thread = LoopThread()
    thread.start()
    thread.close()
    thread.close()
