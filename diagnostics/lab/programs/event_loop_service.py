"""A service with an event loop, as a process of its own that does its work well or in one of three bad ways.

Run as a script: `python loop_server.py`. It prints `ready` and its port, takes one name of a way of work on
each line of its standard input, answers with the same line, and ends with that input: also when the process
that started it was killed. It needs nothing but the standard library.
"""

import asyncio
import hashlib
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.process import BaseProcess

UNIT_S = 0.04
"""CPU, or waiting, that one piece of work takes."""
ROUNDS = 40_000
"""Of a key derivation, which takes about as long and lets other threads run meanwhile."""
ITEMS = 300_000
"""Of a sum, which takes about 5 ms."""
NICE = 5
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
ANSWER = OK + b'{"status":"ok"}'
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def checksum() -> int:
    """It holds the interpreter's lock for all of its CPU time: a call of C gives it away at its end only."""
    until, total = time.thread_time() + UNIT_S, 0
    while time.thread_time() < until:
        total += sum(range(ITEMS)) % 10
    return total


def derive() -> int:
    """A call of C that gives the interpreter's lock away while it computes."""
    return len(hashlib.pbkdf2_hmac("sha256", b"signature", b"salt", ROUNDS))


def wait() -> int:
    """What a driver that blocks does until its answer comes."""
    time.sleep(UNIT_S)
    return 0


def end_with_parent() -> None:
    """Let a worker step back behind the loop, and end when the loop's process is gone."""
    os.nice(NICE)
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=end_after, args=(parent,), daemon=True).start()


def end_after(parent: BaseProcess) -> None:
    """End when the other has ended, however it did."""
    parent.join()
    os._exit(1)


def inline(work: Callable[[], int]) -> Callable[[], Awaitable[int]]:
    """Work within the loop: nothing else runs meanwhile."""

    async def call() -> int:
        return work()

    return call


def offloaded(executor: Executor, work: Callable[[], int]) -> Callable[[], Awaitable[int]]:
    """Work elsewhere, while the loop goes on."""

    async def call() -> int:
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    return call


class LoopServer:
    """Answers /healthz at once, and /validate when a piece of work is done."""

    def __init__(self, modes: Mapping[str, Callable[[], Awaitable[int]]]) -> None:
        self._modes = modes
        self._mode = next(iter(modes))

    async def serve(self) -> None:
        """Serve until standard input ends."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        print("ready", server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  the lab waits for it
        threading.Thread(target=self._obey, daemon=True).start()
        await server.serve_forever()

    def _obey(self) -> None:
        """Switch on each line. Reads in a thread: a loop that is blocked must obey too."""
        for line in sys.stdin:
            self._mode = line.strip()
            print(self._mode, flush=True)  # noqa: T201
        os._exit(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(length_of(head))
                writer.write(await self._answer(head.split(b" ", 2)[1]))
                await writer.drain()
        writer.close()

    async def _answer(self, path: bytes) -> bytes:
        if path == b"/validate":
            await self._modes[self._mode]()
        return ANSWER if path in {b"/healthz", b"/validate"} else NOT_FOUND


def length_of(head: bytes) -> int:
    """The length of a request's body."""
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next((int(value) for name, _, value in lines if name == b"content-length"), 0)


def main() -> None:
    """Start the workers while there is one thread, then the loop."""
    context = multiprocessing.get_context("fork")
    processes = ProcessPoolExecutor(1, mp_context=context, initializer=end_with_parent)
    processes.submit(os.getpid).result()
    modes = {
        "process": offloaded(processes, checksum),
        "released_threads": offloaded(ThreadPoolExecutor(1), derive),
        "cpu_inline": inline(checksum),
        "sleep_inline": inline(wait),
        "gil_threads": offloaded(ThreadPoolExecutor(4), checksum),
    }
    asyncio.run(LoopServer(modes).serve())


if __name__ == "__main__":
    main()
