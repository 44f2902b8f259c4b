"""A service with an event loop that works correctly or in one of three modes that block it.

Run as a script: `python event_loop_service.py`. It prints `ready` and its port, reads one mode per line from
standard input, answers with the same line, and ends with that input, also when its parent was killed.
It imports the standard library only.
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
"""CPU time, or waiting time, of one request."""
ROUNDS = 40_000
"""Iterations of a key derivation: about as long, but without holding the GIL."""
ITEMS = 300_000
"""Terms of a sum that takes about 5 ms."""
NICE = 5
SERVER = b"Server: Python/%d.%d asyncio\r\n" % sys.version_info[:2]
OK = b"HTTP/1.1 200 OK\r\n" + SERVER + b"Content-Type: application/json\r\nContent-Length: 15\r\n\r\n"
ANSWER = OK + b'{"status":"ok"}'
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\n" + SERVER + b"Content-Length: 0\r\n\r\n"


def checksum() -> int:
    """Compute for UNIT_S while holding the GIL: a call into C releases it at its end only."""
    until, total = time.thread_time() + UNIT_S, 0
    while time.thread_time() < until:
        total += sum(range(ITEMS)) % 10
    return total


def derive() -> int:
    """Compute in a call into C that releases the GIL."""
    return len(hashlib.pbkdf2_hmac("sha256", b"signature", b"salt", ROUNDS))


def wait() -> int:
    """Block the thread as a synchronous driver does."""
    time.sleep(UNIT_S)
    return 0


def end_with_parent() -> None:
    """Lower the worker's priority below the loop's, and end it when the parent is gone."""
    os.nice(NICE)
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=end_after, args=(parent,), daemon=True).start()


def end_after(parent: BaseProcess) -> None:
    """Exit when the parent has ended."""
    parent.join()
    os._exit(1)


def inline(work: Callable[[], int]) -> Callable[[], Awaitable[int]]:
    """Return a coroutine function that works in the event loop and blocks it."""

    async def call() -> int:
        return work()

    return call


def offloaded(executor: Executor, work: Callable[[], int]) -> Callable[[], Awaitable[int]]:
    """Return a coroutine function that works in an executor."""

    async def call() -> int:
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    return call


class LoopServer:
    """HTTP server that answers /healthz at once, and /validate after one unit of work in the current mode."""

    def __init__(self, modes: Mapping[str, Callable[[], Awaitable[int]]]) -> None:
        self._modes = modes
        self._mode = next(iter(modes))

    async def serve(self) -> None:
        """Serve until standard input ends."""
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        print("ready", server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  the lab waits for this line
        threading.Thread(target=self._read_modes, daemon=True).start()
        await server.serve_forever()

    def _read_modes(self) -> None:
        """Switch the mode at each line. In a thread, as the loop may be blocked."""
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
    """Return the Content-Length of a request."""
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next((int(value) for name, _, value in lines if name == b"content-length"), 0)


def main() -> None:
    """Start the worker process while there is one thread, then the loop."""
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
