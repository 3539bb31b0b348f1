"""`python -m tests.fuzz [TARGET …] --inputs N`: atheris throws N inputs at each parser, guided by what they reach."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from tests.series import KEPT, Figures, Part, Series

NAMES = ("record", "envelope", "checkpoint", "form", "table")
SOURCES = ("casebook", "tests/fuzz")
LONGEST = 4096
AT_ONCE = 25_000


def main() -> int:
    """Exit code 1 when a parser raised what it must not."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[[], *NAMES], help="only these (default: all)")
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        _fuzz(asked.inside[0], asked.inputs, int(asked.inside[1]))
    parts = [Part(f"{target}-{first:07}", thrown, (target, min(AT_ONCE, asked.inputs - first), first // AT_ONCE + 1))
             for first in range(0, asked.inputs, AT_ONCE) for target in asked.targets or NAMES]  # fmt: skip
    figures = Series("fuzz", SOURCES).figures(parts, asked.jobs)
    for target, one in figures["of"].items():
        print(f"{target}: {one['inputs']:,} inputs, {one['failed']} unexpected, {one['seconds']:,} s")
    return int(any(one["failed"] for one in figures["of"].values()))


def thrown(target: str, inputs: int, seed: int) -> Figures:
    """What came of so many inputs; those that led further than others are kept, and the next go on from them."""
    start, found = time.monotonic(), KEPT / "corpus" / target
    found.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz", "--inside", target, str(seed), "--inputs", str(inputs)]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        (KEPT / f"fuzz-{target}-{seed}.txt").write_text(ran.stdout + ran.stderr)
    came = {"inputs": inputs, "failed": int(ran.returncode != 0), "seconds": round(time.monotonic() - start)}
    return {"of": {target: came}}


def _fuzz(target: str, inputs: int, seed: int) -> None:
    """Never returns: the fuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["casebook"]):
        from tests.fuzz.targets import TARGETS
    told = [f"-atheris_runs={inputs}", f"-max_len={LONGEST}", "-len_control=0", f"-seed={seed}"]
    atheris.Setup([sys.argv[0], *told, str(KEPT / "corpus" / target)], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
