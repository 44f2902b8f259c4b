"""Validates payments on an event loop, and its health check waits for them.

`pay_inline` computes within the loop: nobody else is answered meanwhile. `limits` is no better for using no
CPU: a driver that blocks keeps the loop just as long. `pay_in_threads` is the fix that is often tried: a
pool of eight threads. But pure Python, `pow` and the packages `rsa` and `ecdsa` hold the interpreter's lock
while they compute, so that no more is done in a second than before, and the loop now waits in line for that
lock, 5 ms for each thread before it. Its queue has no limit either, and nobody ever shuts the pool down.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

PRIME = 2**2203 - 1
PAYMENTS = [b"payment %d" % number for number in range(24)]
BEAT_S = 0.005

_executor = ThreadPoolExecutor(max_workers=8)


def verify_signature(payload: bytes) -> bool:
    """Stands for a signature that is checked in pure Python."""
    number = int.from_bytes(payload, "big")
    return number * pow(number, PRIME - 2, PRIME) % PRIME == 1


def limits() -> float:
    """Stands for a query through a driver that blocks."""
    time.sleep(0.02)
    return 500.0


async def pay_inline(payload: bytes) -> bool:
    """Compute where the loop runs."""
    time.sleep(0.005)  # stands for a call of a blocking driver
    return verify_signature(payload) and limits() > 0


async def pay_in_threads(payload: bytes) -> bool:
    """Compute in a thread."""
    return await asyncio.get_event_loop().run_in_executor(_executor, verify_signature, payload)


async def health(late_ms: list[float]) -> None:
    """Beat every 5 ms, and note how much later it comes."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        late_ms.append((time.perf_counter() - began - BEAT_S) * 1000)


async def main() -> None:
    """Validate a few payments in both ways, and see how late the health check is."""
    late_ms: list[float] = []
    beat = asyncio.create_task(health(late_ms))
    await asyncio.gather(*(pay_in_threads(payload) for payload in PAYMENTS))
    await asyncio.gather(*(pay_inline(payload) for payload in PAYMENTS[:4]))
    await asyncio.sleep(BEAT_S)
    beat.cancel()
    print(f"payments: {len(PAYMENTS) + 4}; health, longest time taken: {max(late_ms):.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
