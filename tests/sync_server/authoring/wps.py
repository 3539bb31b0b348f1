"""Workbooks as WPS Spreadsheets writes them, part by part: rich texts, phonetics, parts and namespaces of its own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str]]
_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WPS = "http://www.wps.cn/officeDocument/2017/etCustomData"
_STYLES = f"""<styleSheet xmlns="{_MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:xr9="http://schemas.microsoft.com/office/spreadsheetml/2016/revision9" mc:Ignorable="xr9">
<fonts count="2"><font><sz val="11"/><color theme="1"/><name val="宋体"/><charset val="134"/><scheme val="minor"/></font>
<font><b/><sz val="11"/><name val="微软雅黑"/><charset val="134"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"><alignment vertical="center"/></xf></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0"
 borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="常规" xfId="0" builtinId="0"/></cellStyles>
<tableStyles count="0" defaultTableStyle="TableStylePreset3_Accent1" xr9:uid="{{59DB682C-5494-4EDE-A608-00C9E5F0F923}}"/>
</styleSheet>"""


@dataclass
class WpsBook:
    """A workbook: sheets by name. `rich` splits texts into runs as editing in bold does; `inline` writes texts into
    their cells; `absolute` gives the targets of relations from the root of the file."""

    sheets: Mapping[str, Rows]
    rich: bool = True
    inline: bool = False
    absolute: bool = False
    _texts: list[str] = field(default_factory=list)

    def content(self) -> bytes:
        """The file."""
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
            for name, part in self._parts():
                file.writestr(name, part if isinstance(part, bytes) else _DECLARED + part)
        return kept.getvalue()

    def _parts(self) -> Iterator[tuple[str, str | bytes]]:
        drawn = {f"xl/worksheets/sheet{at}.xml": self._sheet(rows) for at, rows in enumerate(self.sheets.values(), 1)}
        yield "docProps/app.xml", f'<Properties xmlns="{_OFFICE}"><Application>WPS Office_12.1.0</Application></Properties>'
        yield "docProps/custom.xml", _custom()
        yield "xl/workbook.xml", self._workbook()
        yield "xl/_rels/workbook.xml.rels", self._relations()
        yield from drawn.items()
        yield "xl/sharedStrings.xml", self._shared()
        yield "xl/styles.xml", _STYLES
        yield "xl/theme/theme1.xml", '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="WPS"/>'
        yield "xl/cellimages.xml", f'<etc:cellImages xmlns:etc="{_WPS}"/>'
        yield "xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + bytes(64)
        yield "[Content_Types].xml", self._types()
        yield "_rels/.rels", _package_relations()

    def _sheet(self, rows: Rows) -> str:
        width = max(map(len, rows))
        lines = "".join(self._row(number, row) for number, row in enumerate(rows, 1))
        # formatted rows far below the last one, as filling a column downwards leaves them behind
        lines += "".join(f'<row r="{number}" spans="1:{width}"><c r="A{number}" s="1"/></row>' for number in range(500, 520))
        return (f'<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheetPr/><dimension ref="A1"/><sheetViews><sheetView '
                'tabSelected="1" workbookViewId="0"/></sheetViews><sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5"/>'
                f'<sheetData>{lines}</sheetData><pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" '
                'footer="0.5"/><headerFooter/></worksheet>')  # fmt: skip

    def _row(self, number: int, row: Sequence[str]) -> str:
        cells = "".join(self._cell(f"{_letters(at)}{number}", text) for at, text in enumerate(row))
        return f'<row r="{number}" spans="1:{len(row)}" ht="15" customHeight="1">{cells}</row>'

    def _cell(self, place: str, text: str) -> str:
        if not text:
            return f'<c r="{place}" s="1"/>'
        if re.fullmatch(r"\d+", text):
            return f'<c r="{place}"><v>{text}</v></c>'
        if self.inline:
            return f'<c r="{place}" t="inlineStr"><is>{self._runs(text)}</is></c>'
        self._texts.append(text)
        return f'<c r="{place}" s="1" t="s"><v>{len(self._texts) - 1}</v></c>'

    def _shared(self) -> str:
        items = "".join(f"<si>{self._runs(text)}</si>" for text in self._texts)
        return f'<sst xmlns="{_MAIN}" count="{len(self._texts)}" uniqueCount="{len(self._texts)}">{items}</sst>'

    def _runs(self, text: str) -> str:
        if not self.rich or len(text) < 2:
            return f'<t xml:space="preserve">{escape(text)}</t>'
        half = len(text) // 2
        plain, bold = (f'<t xml:space="preserve">{escape(part)}</t>' for part in (text[:half], text[half:]))
        spoken = f'<rPh sb="0" eb="{half}"><t>pin yin</t></rPh><phoneticPr fontId="1" type="noConversion"/>'
        return f'<r>{plain}</r><r><rPr><b/><sz val="11"/><rFont val="微软雅黑"/><charset val="134"/></rPr>{bold}</r>{spoken}'

    def _workbook(self) -> str:
        sheets = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(self.sheets, 1))
        return (f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><fileVersion appName="xl" lastEdited="3" lowestEdited="5" '
                'rupBuild="9302"/><workbookPr/><bookViews><workbookView windowWidth="27945" windowHeight="12255"/></bookViews>'
                f'<sheets>{sheets}</sheets><calcPr calcId="144525"/></workbook>')  # fmt: skip

    def _relations(self) -> str:
        start = "/xl/" if self.absolute else ""
        kinds = [("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(self.sheets) + 1)]
        kinds += [("theme", "theme/theme1.xml"), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        found = "".join(f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{start}{target}"/>' for at, (kind, target) in enumerate(kinds, 1))
        own = f'<Relationship Id="rId99" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="{start}cellimages.xml"/>'
        return f'<Relationships xmlns="{_PACKAGE}/relationships">{found}{own}</Relationships>'

    def _types(self) -> str:
        base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = {"workbook.xml": f"{base}.sheet.main+xml", "styles.xml": f"{base}.styles+xml",
                 "sharedStrings.xml": f"{base}.sharedStrings+xml", "cellimages.xml": "application/vnd.wps-officedocument.cellimage+xml",
                 "theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml"}  # fmt: skip
        parts |= {f"worksheets/sheet{at}.xml": f"{base}.worksheet+xml" for at in range(1, len(self.sheets) + 1)}
        written = "".join(f'<Override PartName="/xl/{part}" ContentType="{kind}"/>' for part, kind in parts.items())
        return (f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Default Extension="png" ContentType="image/png"/>{written}</Types>')  # fmt: skip


def _custom() -> str:
    return ('<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
            'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property '
            'fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="KSOProductBuildVer"><vt:lpwstr>2052-12.1.0.16929'
            '</vt:lpwstr></property></Properties>')  # fmt: skip


def _package_relations() -> str:
    return (f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>')  # fmt: skip


def _letters(at: int) -> str:
    """The column of a 0-based place: A … Z, AA …"""
    return chr(ord("A") + at) if at < 26 else _letters(at // 26 - 1) + _letters(at % 26)
