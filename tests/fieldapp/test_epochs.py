"""A phone that was set back or copied counts its records anew: no two records take the same place in its chain."""

from __future__ import annotations

import shutil
from pathlib import Path

from fieldapp.desk import Desk
from tests.fieldapp.fake_school import FakeSchool
from tests.fieldapp.phone import clean, enrolled, phone, quick_visit

DATABASE = ("fieldapp.db", "fieldapp.db-wal", "fieldapp.db-shm")


def places(school: FakeSchool) -> list[tuple[int, int]]:
    """Epoch and number of every record at school, in the order of arrival."""
    return [(school.record(rid).ep, school.record(rid).seq) for rid in school.payloads]


def copied(folder: Path, to: Path, names: tuple[str, ...] = DATABASE) -> None:
    """The phone's database as it is now."""
    to.mkdir(exist_ok=True)
    for name in names:
        (to / name).unlink(missing_ok=True)
        if (folder / name).exists():
            shutil.copy2(folder / name, to / name)


def test_a_database_set_back_is_noticed_before_the_next_seal(tmp_path: Path, school: FakeSchool) -> None:
    """Nothing of what was sealed since has come back from the school yet."""
    here, backup = tmp_path / "phone", tmp_path / "backup"
    desk = enrolled(here, school)
    quick_visit(desk)
    desk.close()
    copied(here, backup)
    desk = phone(here, school)
    rids = [quick_visit(desk), quick_visit(desk)]
    clean(desk.sync())
    desk.close()
    copied(backup, here)
    desk = phone(here, school)
    later = quick_visit(desk)
    clean(desk.sync())
    (ep, *_), record = places(school)[0], school.record(later)
    assert record.ep != ep and (record.seq, record.prev) == (1, "")
    assert set(rids) < set(school.payloads) and len(set(places(school))) == len(places(school)) == 4
    again = school.record(quick_visit_sent(desk, school))
    assert (again.ep, again.seq, again.prev) == (record.ep, 2, later)
    desk.close()


def quick_visit_sent(desk: Desk, school: FakeSchool) -> str:
    rid = quick_visit(desk)
    clean(desk.sync())
    assert rid in school.payloads
    return rid


def test_a_copy_of_a_phone_counts_anew_as_soon_as_it_reads_what_the_other_has_written(
    tmp_path: Path, school: FakeSchool
) -> None:
    here, there = tmp_path / "phone", tmp_path / "copy"
    desk = enrolled(here, school)
    quick_visit_sent(desk, school)
    desk.close()
    shutil.copytree(here, there)
    desk, copy = phone(here, school), phone(there, school)
    quick_visit_sent(desk, school)
    clean(copy.sync())
    for one in (copy, desk, copy, desk):
        quick_visit_sent(one, school)
    assert len(set(places(school))) == len(places(school)) == 6
    assert len({ep for ep, _ in places(school)}) == 2
    desk.close()
    copy.close()


def test_two_records_in_one_place_are_both_kept_and_then_the_ways_part(tmp_path: Path, school: FakeSchool) -> None:
    """The copy had sealed before it read anything: the school keeps both and shows it; from then on they differ."""
    here, there = tmp_path / "phone", tmp_path / "copy"
    desk = enrolled(here, school)
    quick_visit_sent(desk, school)
    desk.close()
    shutil.copytree(here, there)
    desk, copy = phone(here, school), phone(there, school)
    quick_visit_sent(desk, school)
    quick_visit_sent(copy, school)
    assert places(school)[1] == places(school)[2]
    quick_visit_sent(copy, school)
    quick_visit_sent(desk, school)
    assert len(set(places(school)[3:]) | {places(school)[1]}) == 3
    desk.close()
    copy.close()


def test_an_unreadable_count_is_as_good_as_none(tmp_path: Path, school: FakeSchool) -> None:
    desk = enrolled(tmp_path, school)
    quick_visit(desk)
    for broken in (b"", b"7", b"x y", b"\xff\xff"):
        (tmp_path / "device.count").write_bytes(broken)
        quick_visit(desk)
    clean(desk.sync())
    assert [seq for _, seq in places(school)] == [1, 2, 3, 4, 5]
    desk.close()
