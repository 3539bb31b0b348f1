"""`python -m tests.faults.tracer`: finds strace, or installs it from the system's packages where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.e2e.chromium import may_install

NAME = "strace"
HINT = "The test that cuts a school's power needs strace (Debian/Ubuntu: apt-get install strace)."


def present() -> bool:
    """Whether the system's calls can be written down here."""
    return shutil.which(NAME) is not None


def main() -> int:
    """Says where strace is; 0 also when it stays missing: only the test that needs it fails then, and says why."""
    prefix = None if present() else may_install()
    if prefix is not None:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", NAME]):
            subprocess.run([*prefix, "apt-get", *command], env=quiet, check=False, stdout=subprocess.DEVNULL)
    print(f"== {NAME}: {shutil.which(NAME)}" if present() else HINT, file=sys.stdout if present() else sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
