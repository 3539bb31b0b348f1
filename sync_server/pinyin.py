"""How a name is typed on a Latin keyboard: full pinyin and initials, surnames read as surnames, ü typed as v."""

from __future__ import annotations

from functools import lru_cache

# Readings a character has only as a surname; the dictionary's usual reading would make the child unfindable.
SURNAME_READINGS: dict[str, tuple[str, ...]] = {
    "单": ("shan",), "曾": ("zeng",), "仇": ("qiu",), "解": ("xie",), "查": ("zha",), "朴": ("piao",),
    "覃": ("qin",), "区": ("ou",), "阚": ("kan",), "任": ("ren",), "翟": ("zhai",), "乐": ("yue",),
    "缪": ("miao",), "盖": ("ge",), "华": ("hua",), "逄": ("pang",), "种": ("chong",), "冼": ("xian",),
    "繁": ("po",), "秘": ("bi",), "尹": ("yin",), "晁": ("chao",), "员": ("yun",), "折": ("she",),
    "万俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "长孙": ("zhang", "sun"), "澹台": ("tan", "tai"),
    "欧阳": ("ou", "yang"), "令狐": ("ling", "hu"), "单于": ("chan", "yu"), "宿": ("su",),
}  # fmt: skip
LONGEST_SURNAME = 2
SEPARATORS = "·•・‧. "


@lru_cache(64)  # a name's pinyin is followed by its initials
def syllables(name: str) -> tuple[str, ...]:
    """The syllables of a person's name in lower-case Latin letters, without tones; middle dots are skipped."""
    if any(mark in name for mark in SEPARATORS):
        return _spoken(name)  # a transcribed name has no Han surname in front
    for length in range(min(LONGEST_SURNAME, len(name) - 1), 0, -1):
        reading = SURNAME_READINGS.get(name[:length])
        if reading:
            return reading + _spoken(name[length:])
    return _spoken(name)


def pinyin_of(name: str) -> str:
    """Full pinyin without spaces: 吕婷 -> "lvting"."""
    return "".join(syllables(name))


def initials_of(name: str) -> str:
    """First letters of the syllables: 张伟 -> "zw"."""
    return "".join(syllable[0] for syllable in syllables(name))


def _spoken(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin  # a third of a second and much memory: not before somebody's name is spelt

    bare = "".join(character for character in text if character not in SEPARATORS)
    return tuple(part.lower() for part in lazy_pinyin(bare) if part.isalnum())
