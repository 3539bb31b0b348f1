"""`python -m casebook.verify BUNDLE`."""

from __future__ import annotations

from casebook.verify.command import main

raise SystemExit(main())
