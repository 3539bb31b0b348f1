"""Packs: which byte belongs to which file, and what is no pack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import RequestMalformed
from casebook.packs import Pack, PackedFile, in_order, read_pack

SIZES = st.lists(st.integers(1, 50), min_size=1, max_size=8)


def pack(sizes: list[int]) -> Pack:
    return Pack(tuple(PackedFile(f"{n:064x}", size, "image/jpeg") for n, size in enumerate(sizes)))


@given(SIZES, st.data())
def test_every_byte_belongs_to_one_file_whatever_pieces_come(sizes: list[int], data: st.DataObject) -> None:
    one = pack(sizes)
    stream = b"".join(bytes([n]) * size for n, size in enumerate(sizes))
    offset, got = 0, {file.sha256: b"" for file in one.files}
    while offset < len(stream):
        piece = stream[offset : offset + data.draw(st.integers(1, 60))]
        for file, at, size in one.spread(offset, len(piece)):
            assert at == len(got[file.sha256])
            got[file.sha256] += piece[:size]
            offset, piece = offset + size, piece[size:]
        assert not piece
    assert list(got.values()) == [bytes([n]) * size for n, size in enumerate(sizes)]


def test_a_manifest_names_its_pack_and_reads_back() -> None:
    one = pack([3, 1, 2])
    again = read_pack(one.manifest)
    assert (again, again.id, again.size, again.starts) == (one, one.id, 6, (0, 3, 4))
    assert pack([1, 3, 2]).id != one.id


@pytest.mark.parametrize("said", [
    "", "[]", "{}", "7", "null", '"abc"', "[1]", "[[]]", "[" * 5000, '[["../../etc/passwd",1,"image/jpeg"]]',
    f'[["{"A" * 64}",1,"image/jpeg"]]', f'[["{"a" * 64}",0,"image/jpeg"]]', f'[["{"a" * 64}",1.5,"image/jpeg"]]',
    f'[["{"a" * 64}",true,"image/jpeg"]]', f'[["{"a" * 64}",{10**30},"image/jpeg"]]', f'[["{"a" * 64}",1,7]]',
    f'[["{"a" * 64}",1,"x"],["{"a" * 64}",1,"x"]]',
    str([[f"{n:064x}", 1, "x"] for n in range(61)]).replace("'", '"'),
])  # fmt: skip
def test_what_is_no_manifest_is_refused(said: str) -> None:
    with pytest.raises(RequestMalformed):
        read_pack(said)


def test_strokes_go_first_and_small_before_large() -> None:
    files = {role + str(size): PackedFile(f"{n:064x}", size, "t") for n, (role, size) in enumerate(
        [("photo", 9), ("photo", 3), ("signature", 5), ("audio", 1)])}  # fmt: skip
    order = in_order((name.rstrip("0123456789"), file) for name, file in files.items())
    assert [next(name for name, one in files.items() if one is file) for file in order] == [
        "signature5", "audio1", "photo3", "photo9"]  # fmt: skip
