"""`python -m tests.fuzz [TARGET …] --inputs N`: atheris throws N inputs at each parser, guided by what they reach."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

KEPT = Path("build/reliability/fuzz.json")
NAMES = ("record", "envelope", "checkpoint", "form")
LONGEST = 4096


def main() -> int:
    """Exit code 1 when a parser raised what it must not."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[[], *NAMES], help="only these (default: all)")
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        _fuzz(asked.inside, asked.inputs)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for target in asked.targets or NAMES:
        start = time.monotonic()
        command = [sys.executable, "-m", "tests.fuzz", "--inside", target, "--inputs", str(asked.inputs)]
        ran = subprocess.run(command, capture_output=True, text=True)
        print(f"{target}: {asked.inputs} inputs, {time.monotonic() - start:.0f} s, exit {ran.returncode}", flush=True)
        if ran.returncode:
            print((ran.stdout + ran.stderr)[-4000:])
        kept[target] = {"inputs": asked.inputs, "failed": bool(ran.returncode), "seconds": round(time.monotonic() - start)}
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True))
    return int(any(one["failed"] for one in kept.values()))


def _fuzz(target: str, inputs: int) -> None:
    """Never returns: the fuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["casebook"]):
        from tests.fuzz.targets import TARGETS
    atheris.Setup([sys.argv[0], f"-atheris_runs={inputs}", f"-max_len={LONGEST}", "-len_control=0", "-seed=1"], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
