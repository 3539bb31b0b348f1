"""Names are found by what a teacher types."""

from __future__ import annotations

import pytest

from sync_server.pinyin import initials_of, pinyin_of


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("张伟", "zhangwei", "zw"),
        ("吕婷", "lvting", "lt"),  # ü is typed as v
        ("单玥", "shanyue", "sy"),
        ("曾𬱖", "zengdi", "zd"),
        ("解查", "xiecha", "xc"),  # the surname reading only where the surname stands
        ("仇区", "qiuqu", "qq"),
        ("任乐", "renle", "rl"),
        ("禤㛃", "xuanjie", "xj"),
        ("欧阳雪", "ouyangxue", "oyx"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("阿依·古丽", "ayiguli", "aygl"),
        ("查", "cha", "c"),
    ],
)
def test_pinyin_and_initials(name, pinyin, initials):
    assert pinyin_of(name) == pinyin
    assert initials_of(name) == initials
