"""What spares the school's computer."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

THREADS = """
import threading
from sync_server.lean import one_heap

print(one_heap())
gate = threading.Barrier(9)

def use():
    kept = [bytes(60_000) for _ in range(20)]
    gate.wait()
    gate.wait()

threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads:
    thread.start()
gate.wait()
maps = [line.split() for line in open("/proc/self/maps")]
gate.wait()
starts = [int(of[0].split("-")[0], 16) for of in maps if of[1] == "rw-p" and len(of) == 5]
print(sum(start % (64 << 20) == 0 for start in starts))  # where glibc puts a thread's own heap
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has many heaps")
def test_threads_share_one_heap() -> None:
    said = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["True", "0"]
