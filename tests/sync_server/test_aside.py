"""The threads beside the event loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading

import pytest

from sync_server.web.aside import aside


def _name() -> str:
    return asyncio.run(aside(lambda: threading.current_thread().name))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork")
def test_a_forked_process_has_threads_of_its_own() -> None:
    assert _name().startswith("aside")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply_async(_name).get(timeout=20).startswith("aside")
