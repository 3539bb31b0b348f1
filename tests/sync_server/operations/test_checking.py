"""verify-data names each thing that is wrong, and nothing that is right."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.sync_server.operations.safekeeping import PHOTO, Safekeeping, looked_at
from tests.sync_server.schoolhouse import CHILD, sha256


def found(school: Safekeeping, *statements: str) -> list[tuple[str, str, str]]:
    """What a look finds after somebody has altered the tables behind the server's back."""

    def alter(conn) -> None:  # type: ignore[no-untyped-def]
        for statement in statements:
            conn.execute(text(statement))

    school.wiring.store.run_tx(alter)
    return [(one.code, one.subject, one.part) for one in looked_at(school.wiring)]


def test_a_healthy_school_has_no_findings(school: Safekeeping) -> None:
    first = school.visit()
    school.push(school.phone.seal(set={"will": "stay"}, base={"will": (first.rid,)}), school.phone.seal(set={"will": "go"}))
    school.push(school.phone.visit("unfinished", files={"c.jpg": b"never came"}))
    school.push(school.phone.seal(case="9" * 32))  # nobody's child: it is held
    assert found(school) == []


@pytest.mark.parametrize(
    ("statement", "code", "part"),
    [
        ("UPDATE record SET payload = CAST(replace(payload, 'absence', 'absents') AS BLOB) WHERE type = 'visit'", "altered", ""),
        ("UPDATE record SET signature = zeroblob(64) WHERE type = 'visit'", "unsealed", ""),
        ("UPDATE record SET keyid = 'unknown' WHERE type = 'visit'", "key_unknown", ""),
        ("UPDATE record SET receipt_signature = zeroblob(64) WHERE type = 'visit'", "receipt_broken", ""),
        ("UPDATE record SET received_at = '2020-01-01T00:00:00+08:00' WHERE type = 'visit'", "receipt_broken", ""),
        ("UPDATE record SET author = 'somebody' WHERE type = 'visit'", "row_differs", "author"),
        ("DELETE FROM record_file WHERE role = 'photo'", "row_differs", "files"),
        ("UPDATE counter SET sseq = 1", "beyond_the_log", ""),
        ("UPDATE record SET signature = zeroblob(64) WHERE type = 'visit'", "leaf_differs", ""),
        ("DELETE FROM tree_leaf", "not_in_the_log", ""),
    ],
)
def test_an_altered_record_is_named(school: Safekeeping, statement: str, code: str, part: str) -> None:
    rid = school.visit().rid
    assert (code, rid, part) in found(school, statement)


def test_an_altered_file_and_a_missing_one_are_told_apart(school: Safekeeping) -> None:
    school.visit()
    path = school.wiring.blobs.path(sha256(PHOTO))
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    assert found(school) == [("file_altered", sha256(PHOTO), "")]
    path.unlink()
    assert found(school) == [("file_missing", sha256(PHOTO), "")]


def test_an_index_that_says_something_else_than_the_records_is_named(school: Safekeeping) -> None:
    school.visit()
    school.push(school.phone.seal(set={"will": "stay"}))
    assert found(school, "UPDATE case_value SET value = '\"go\"'") == [("index_differs", CHILD, "will")]
    assert found(school, "DELETE FROM case_value") == [("index_differs", CHILD, "will")]
    wrong = found(school, "UPDATE visit SET status = 'accepted', files_present = 1")
    assert ("visit_differs", "v1", "") in wrong
    assert ("visit_differs", "v1", "") in found(school, "DELETE FROM visit")


def test_a_log_that_was_changed_is_named(school: Safekeeping) -> None:
    """Also by somebody who grows the tree anew: the checkpoints that were given out betray it."""
    for number in range(4):
        school.push(school.phone.visit(f"v{number}"))
    assert found(school, "UPDATE tree_node SET hash = zeroblob(32) WHERE level = 2") == [("tree_differs", "3", "")]
    renewed = "UPDATE tree_node SET hash = (SELECT hash FROM tree_leaf WHERE tree_leaf.n = 0) WHERE level = 2"
    assert [one[0] for one in found(school, renewed, "UPDATE tree SET size = 3")] == ["tree_differs", "tree_differs"]
    forged = "UPDATE checkpoint SET note = replace(note, 'time 2', 'time 1') WHERE size = 2"
    assert ("checkpoint_differs", "2", "") in found(school, forged)


def test_a_damaged_database_is_said_to_be_one(school: Safekeeping) -> None:
    school.visit()
    wrong = found(school, "PRAGMA foreign_keys=OFF") + found(
        school, "PRAGMA defer_foreign_keys=ON", "DROP INDEX ix_record_school_case_sseq"
    )
    assert wrong == []  # an index less is slow, not wrong
    file = school.wiring.settings.data / "jiafang.db"
    school.wiring.store.close()
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 64] = bytes(range(64))
    file.write_bytes(raw)
    assert any(one.code == "unsound" for one in looked_at(school.wiring))
