"""Opens an uploaded .xlsx file as far as it is safe: what kind of file it is, how large inside, what lies where."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable
from xml.parsers import expat

from sync_server.authoring.complaints import Complaint, SheetsRefused

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 32 * 1024 * 1024
MAX_PARTS = 400
WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, .et, and .xlsx with a password
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_TELLING_PARTS = {"xl/workbook.bin": "authoring.file.binary", "content.xml": "authoring.file.open_document"}
_TEXT_SIGNS = b"\t\r\n\x0b\x0c"
_ENCRYPTED_FLAG = 1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the only ones that spreadsheets use
_DAMAGE = (
    expat.ExpatError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError, RuntimeError,
)  # fmt: skip


class Parcel:
    """The parts of a workbook file. Raises SheetsRefused for everything that is no plain .xlsx of a sane size."""

    def __init__(
        self, content: bytes, most_bytes: int = MAX_FILE_BYTES, most_unpacked: int = MAX_UNPACKED_BYTES
    ) -> None:
        self._zip = _opened(content, most_bytes)
        parts = self._zip.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > most_unpacked:
            raise refused("authoring.file.too_much_inside")
        if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
            raise refused("authoring.file.locked")
        if any(part.compress_type not in _PACKINGS for part in parts):
            raise refused("authoring.file.damaged")
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                self.scan(part.filename)

    def scan(self, part: str, start: Callable[[str, dict[str, str]], None] | None = None, **handlers: object) -> None:
        """Reads one XML part; `start(local name, attributes)` is called for every element.

        Further expat handlers by name. Raises SheetsRefused for document types, entities and broken XML.
        """
        reader = expat.ParserCreate(namespace_separator="}")
        reader.StartDoctypeDeclHandler = _refuse_document_type
        reader.EntityDeclHandler = _refuse_document_type
        if start is not None:
            reader.StartElementHandler = lambda name, attributes: start(_local(name), attributes)
        for name, handler in handlers.items():
            setattr(reader, name, handler)
        try:
            with self._zip.open(part) as stream:
                reader.ParseFile(stream)
        except _DAMAGE as error:
            raise refused("authoring.file.damaged") from error

    def sheet_parts(self) -> dict[str, str]:
        """Name of each sheet -> the part it lies in, in the order of the workbook."""
        targets: dict[str, str] = {}
        names: dict[str, str] = {}

        def relation(element: str, attributes: dict[str, str]) -> None:
            if element == "Relationship":
                target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
                targets[attributes.get("Id", "")] = target.lstrip("/")

        def sheet(element: str, attributes: dict[str, str]) -> None:
            if element == "sheet":
                plain = {_local(name): value for name, value in attributes.items()}
                names[plain.get("name", "")] = plain.get("id", "")

        present = set(self._zip.namelist())
        if _RELATIONS not in present:
            raise refused("authoring.file.damaged")
        self.scan(_RELATIONS, relation)
        self.scan(WORKBOOK, sheet)
        return {name: targets[id] for name, id in names.items() if targets.get(id) in present}


def refused(sentence: str, **facts: object) -> SheetsRefused:
    """A complaint about the file as a whole."""
    return SheetsRefused([Complaint(sentence, facts=facts)])


def _opened(content: bytes, most_bytes: int) -> zipfile.ZipFile:
    if not content:
        raise refused("authoring.file.empty")
    if len(content) > most_bytes:
        raise refused("authoring.file.too_large", megabytes=most_bytes // 1024 // 1024)
    if content.startswith(_OLD_SPREADSHEET):
        raise refused("authoring.file.locked" if _LOCKED in content else "authoring.file.old")
    if not content.startswith(_ZIP):
        is_text = all(byte >= ord(" ") or byte in _TEXT_SIGNS for byte in content[:4096])
        looks_like_sheet = is_text and not content.lstrip().startswith((b"<", b"%", b"{"))
        raise refused("authoring.file.text" if looks_like_sheet else "authoring.file.other")
    try:
        opened = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise refused("authoring.file.damaged") from error
    parts = set(opened.namelist())
    if WORKBOOK not in parts:
        raise refused(next((say for part, say in _TELLING_PARTS.items() if part in parts), "authoring.file.other"))
    return opened


def _refuse_document_type(*declared: object) -> None:
    raise refused("authoring.file.document_type")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
