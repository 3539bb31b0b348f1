"""Reads XML from outside without letting it do anything: no document types, no entities, no giants."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from io import BytesIO
from typing import Any
from xml.parsers import expat

from casebook.errors import FormBroken

MAX_FORM_BYTES = 4 * 1024 * 1024
MAX_ANSWERS_BYTES = 1024 * 1024
#: begins as UTF-8, where a document type cannot be written otherwise than `<!DOCTYPE`
_PLAIN = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:<\?xml version="1\.0"(?: encoding="(?:utf|UTF)-8")?(?: standalone="\w+")?\?>)?\s*<[\w!]"""
)


def parse_xml(source: bytes, most_bytes: int) -> tuple[ElementTree.Element, dict[str, str]]:
    """The root element, and the first meaning of each namespace prefix.

    Raises FormBroken (reason `too_large`, `document_type` or `xml`).
    """
    if len(source) > most_bytes:
        raise FormBroken(reason="too_large", size=len(source), most=most_bytes)
    prefixes: dict[str, str] = {}
    try:
        if b"<!DOCTYPE" in source or not _PLAIN.match(source):
            _check_declarations(source)
        reading: Any = ElementTree.iterparse(BytesIO(source), ("start-ns",))
        for _, (prefix, uri) in reading:
            prefixes.setdefault(prefix or "", uri or "")
        root: ElementTree.Element = reading.root
        return root, prefixes
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise FormBroken(reason="xml", detail=str(error)) from error


def _check_declarations(source: bytes) -> None:
    check = expat.ParserCreate()
    check.StartDoctypeDeclHandler = _refuse
    check.EntityDeclHandler = _refuse
    check.Parse(source, True)


def _refuse(*declared: object) -> None:
    raise FormBroken(reason="document_type")


@lru_cache(maxsize=1_024)
def split_tag(tag: str) -> tuple[str, str]:
    """Namespace (or blank) and local name of an ElementTree tag or attribute."""
    if tag[0] != "{":
        return "", tag
    namespace, _, local = tag[1:].partition("}")
    return namespace, local


@lru_cache(maxsize=1_024)
def local_name(tag: str) -> str:
    """The tag without its namespace."""
    return tag.rpartition("}")[2]
