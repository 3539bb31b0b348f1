"""`python -m casebook.verify BUNDLE`."""

from __future__ import annotations

from casebook.verify.command import main

if __name__ == "__main__":
    raise SystemExit(main())
