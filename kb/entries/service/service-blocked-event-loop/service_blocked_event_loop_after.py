"""Validates payments beside the event loop; its health check is answered at once.

What computes in Python goes to a pool of processes: each has an interpreter's lock of its own. Start them
before the loop and its threads, and let them step back behind the loop (`os.nice`). Calls of C that give
the lock away, such as hashlib on more than 2 kB and the `cryptography` package, may go to threads:
`asyncio.to_thread`. Below some 200 us neither is worth it: handing over costs as much. What waits for
others uses a driver for asyncio. A semaphore bounds what stands in line, so that a peak is refused early
and not answered late.
"""

import asyncio
import os
import time
from concurrent.futures import ProcessPoolExecutor

PRIME = 2**2203 - 1
PAYMENTS = [b"payment %d" % number for number in range(24)]
BEAT_S = 0.005
NICE = 10
AT_ONCE = 8


def verify_signature(payload: bytes) -> bool:
    """Stands for a signature that is checked in pure Python."""
    number = int.from_bytes(payload, "big")
    return number * pow(number, PRIME - 2, PRIME) % PRIME == 1


def step_back() -> None:
    """Leave the CPU to the loop when both want it."""
    os.nice(NICE)


async def limits() -> float:
    """Stands for a query through a driver that does not block."""
    await asyncio.sleep(0.02)
    return 500.0


async def pay(payload: bytes, processes: ProcessPoolExecutor, places: asyncio.Semaphore) -> bool:
    """Compute in another process, when there is a place in the line."""
    async with places:
        loop = asyncio.get_running_loop()
        valid = await loop.run_in_executor(processes, verify_signature, payload)
    return valid and await limits() > 0


async def health(late_ms: list[float]) -> None:
    """Beat every 5 ms, and note how much later it comes."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        late_ms.append((time.perf_counter() - began - BEAT_S) * 1000)


async def main(processes: ProcessPoolExecutor) -> None:
    """Validate the same payments, and see how late the health check is."""
    late_ms: list[float] = []
    places = asyncio.Semaphore(AT_ONCE)
    beat = asyncio.create_task(health(late_ms))
    done = await asyncio.gather(*(pay(payload, processes, places) for payload in PAYMENTS))
    beat.cancel()
    print(f"payments: {len(done)}; health, longest time taken: {max(late_ms):.1f} ms")


if __name__ == "__main__":
    with ProcessPoolExecutor(2, initializer=step_back) as pool:
        pool.submit(verify_signature, b"warm").result()
        asyncio.run(main(pool))
