"""Time what the guard adds to a frame: reading it with every check, less reading it without any.

python -m benchmarks.gateway_frames
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable

from depotlib.gateway.guard import Budget, read_frame

ROUNDS = 2000
RUNS = 9
MICRO = 1e6
SAMPLED = [
    {"value": "7210.5", "measurand": name, "unit": "W", "phase": "L1", "context": "Sample.Periodic"}
    for name in ("Power.Active.Import", "Current.Import", "Voltage", "Frequency", "SoC")
]
METER = {"timestamp": "2026-11-20T20:05:00Z", "sampledValue": SAMPLED}
FRAMES = {
    "Heartbeat": [2, "u1", "Heartbeat", {}],
    "MeterValues, 5 measurands": [2, "u1", "MeterValues", {"connectorId": 1, "meterValue": [METER]}],
    "StopTransaction, 60 readings": [
        2, "u1", "StopTransaction",
        {"transactionId": 1, "meterStop": 9000, "timestamp": METER["timestamp"],
         "transactionData": [METER] * 60},
    ],
}  # fmt: skip


def cost_us(read: Callable[[str], object], text: str, *, rounds: int) -> float:
    """Return the median CPU time that reading a text takes [µs]."""
    runs: list[float] = []
    for _ in range(RUNS):
        begin_s = time.process_time()
        for _ in range(rounds):
            read(text)
        runs.append((time.process_time() - begin_s) / rounds * MICRO)
    return statistics.median(runs)


def main() -> None:
    """Print by kind of frame what reading it costs, plain and guarded."""
    budget = Budget(at_s=0.0)

    def guarded(text: str) -> None:
        budget.spend(len(text), now_s=time.monotonic())
        read_frame(text)

    print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()}")
    print(f"median of {RUNS} runs, CPU µs a frame")
    for name, frame in FRAMES.items():
        text = json.dumps(frame, separators=(",", ":"))
        rounds = max(20, ROUNDS * 500 // (500 + len(text)))
        plain_us = cost_us(json.loads, text, rounds=rounds)
        guarded_us = cost_us(guarded, text, rounds=rounds)
        print(
            f"{name:30} {len(text):6d} bytes: plain {plain_us:7.1f}, guarded {guarded_us:7.1f}, "
            f"added {guarded_us - plain_us:6.1f}"
        )


if __name__ == "__main__":
    main()
