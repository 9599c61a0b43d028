"""The parts of a Word file that hold no answer: styles, settings, lists, footer, and the package around them.

Written here part by part as ECMA-376 describes them, since python-docx knows no footnotes and starts from a template
of a megabyte; what is written is opened with python-docx and LibreOffice by the tests. Sizes are in half points,
lengths in twentieths of a point.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RECORD_NAMESPACE = "urn:trade-assistant:export"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument"
_WORD_PARTS = ("document", "styles", "settings", "numbering", "footnotes", "footer1")
# An id that Word asks of each custom part; always the same, as there is one such part in a file.
_ITEM_ID = "{6C1B0F0E-7D0B-4C2F-9B59-5B7A3C1E2A11}"
# Every file of one record has the same bytes: zip cannot say "no date", this is its first day.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class WordFile:
    """What differs from file to file. `body` and `footnotes` are XML, the addresses what their links lead to.

    `footnotes` are only the real ones; the address of relationship `linkN` is the Nth, from 1.
    """

    title: str
    created: str
    footer: str
    body: str
    footnotes: str
    body_links: Sequence[str]
    footnote_links: Sequence[str]
    record: str


def packed(file: WordFile) -> bytes:
    """Return the bytes of a .docx file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _parts(file).items():
            archive.writestr(zipfile.ZipInfo(name, _NO_DATE), _XML + content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _parts(file: WordFile) -> dict[str, str]:
    own = {"styles": "styles", "settings": "settings", "numbering": "numbering", "footnotes": "footnotes"}
    relations = [(f"r{name}", f"{_R}/{kind}", f"{name}.xml") for name, kind in own.items()]
    relations += [
        ("footer", f"{_R}/footer", "footer1.xml"),
        ("record", f"{_R}/customXml", "../customXml/item1.xml"),
    ]
    return {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            [
                ("document", f"{_R}/officeDocument", "word/document.xml"),
                ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                ("app", f"{_R}/extended-properties", "docProps/app.xml"),
            ]
        ),
        "docProps/core.xml": _core(file.title, file.created),
        "docProps/app.xml": (
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
            "<Application>Trade Policy Assistant</Application></Properties>"
        ),
        "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{file.body}{_SECTION}</w:body></w:document>",
        "word/_rels/document.xml.rels": _relations(relations, file.body_links),
        "word/footnotes.xml": f"<w:footnotes {_NAMESPACES}>{_SEPARATORS}{file.footnotes}</w:footnotes>",
        "word/_rels/footnotes.xml.rels": _relations([], file.footnote_links),
        "word/styles.xml": _STYLES,
        "word/settings.xml": _SETTINGS,
        "word/numbering.xml": _NUMBERING,
        "word/footer1.xml": _footer(file.footer),
        "customXml/item1.xml": f'<record xmlns="{RECORD_NAMESPACE}">{escape(file.record)}</record>',
        "customXml/_rels/item1.xml.rels": _relations([("props", f"{_R}/customXmlProps", "itemProps1.xml")]),
        "customXml/itemProps1.xml": (
            '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" '
            f'ds:itemID="{_ITEM_ID}"><ds:schemaRefs><ds:schemaRef ds:uri="{RECORD_NAMESPACE}"/></ds:schemaRefs>'
            "</ds:datastoreItem>"
        ),
    }


def _content_types() -> str:
    kinds = {name: f"{_TYPE}.wordprocessingml.{name}+xml" for name in _WORD_PARTS}
    kinds |= {
        "document": f"{_TYPE}.wordprocessingml.document.main+xml",
        "footer1": f"{_TYPE}.wordprocessingml.footer+xml",
    }
    overrides = {f"/word/{name}.xml": kind for name, kind in kinds.items()} | {
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": f"{_TYPE}.extended-properties+xml",
        "/customXml/itemProps1.xml": f"{_TYPE}.customXmlProperties+xml",
    }
    rows = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def _relations(own: Sequence[tuple[str, str, str]], links: Sequence[str] = ()) -> str:
    rows = [f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in own]
    rows += [
        f'<Relationship Id="link{number}" Type="{_R}/hyperlink" Target={quoteattr(url)} TargetMode="External"/>'
        for number, url in enumerate(links, start=1)
    ]
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(rows)}</Relationships>'


def _core(title: str, created: str) -> str:
    moment = f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created>'
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>Trade Policy Assistant</dc:creator>{moment}"
        "<dc:language>en</dc:language></cp:coreProperties>"
    )


def _footer(text: str) -> str:
    page = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    return (
        f'<w:ftr {_NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r><w:r><w:tab/></w:r>{page}</w:p></w:ftr>'
    )


_NAMESPACES = f'xmlns:w="{W}" xmlns:r="{_R}"'
# A4 with 2.5 cm around; the footer's tab ends at the right edge of the text.
_SECTION = (
    '<w:sectPr><w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/>'
    "</w:sectPr>"
)
# Word wants both lines as footnotes of their own, numbered before the first real one.
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    f"</w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>"
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)
_SETTINGS = (
    f'<w:settings {_NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="708"/>'
    '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat><w:themeFontLang w:val="en-GB"/></w:settings>'
)
_NUMBERING = (
    f'<w:numbering {_NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="284" w:hanging="284"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def _style(kind: str, style_id: str, name: str, paragraph: str = "", run: str = "", *, based_on: str = "Normal") -> str:
    basis = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    own = (f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "") + (f"<w:rPr>{run}</w:rPr>" if run else "")
    default = ' w:default="1"' if not based_on else ""
    return (
        f'<w:style w:type="{kind}"{default} w:styleId="{style_id}"><w:name w:val="{name}"/>{basis}<w:qFormat/>'
        f"{own}</w:style>"
    )


def _fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


_SANS = _fonts("Calibri")
_GREY = '<w:color w:val="556371"/>'
_STYLES = (
    f"<w:styles {_NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts('Cambria')}{_size(22)}"
    '<w:lang w:val="en-GB"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    '<w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    + _style("paragraph", "Normal", "Normal", based_on="")
    + _style("character", "DefaultParagraphFont", "Default Paragraph Font", based_on="")
    + _style("paragraph", "Title", "Title", '<w:keepNext/><w:spacing w:after="240"/>', f"<w:b/>{_size(40)}")
    + _style(
        "paragraph",
        "Heading1",
        "heading 1",
        '<w:keepNext/><w:keepLines/><w:spacing w:before="360" w:after="120"/><w:outlineLvl w:val="0"/>',
        f"<w:b/>{_size(30)}",
    )
    + _style(
        "paragraph",
        "Heading2",
        "heading 2",
        '<w:keepNext/><w:keepLines/><w:spacing w:before="280" w:after="80"/><w:outlineLvl w:val="1"/>',
        f"{_SANS}<w:b/>{_size(23)}",
    )
    + _style("paragraph", "Meta", "Meta", '<w:spacing w:before="120" w:after="160"/>', f"{_SANS}{_GREY}{_size(18)}")
    + _style(
        "paragraph",
        "Verdict",
        "Verdict",
        '<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="B8741A"/></w:pBdr><w:ind w:left="227"/>',
        f"{_SANS}{_size(19)}",
    )
    + _style(
        "paragraph",
        "ListBullet",
        "List Bullet",
        '<w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="80"/><w:ind w:left="284" w:hanging="284"/>',
    )
    + _style(
        "paragraph",
        "Source",
        "Source",
        '<w:keepNext/><w:keepLines/><w:spacing w:before="120" w:after="0"/>',
        f"{_SANS}{_size(20)}",
    )
    + _style(
        "paragraph",
        "Place",
        "Place",
        '<w:keepLines/><w:spacing w:after="60" w:line="240" w:lineRule="auto"/>',
        f"{_SANS}{_GREY}{_size(16)}",
    )
    + _style("paragraph", "Quote", "Quote", '<w:ind w:left="284"/>')
    + _style(
        "paragraph",
        "FootnoteText",
        "footnote text",
        '<w:spacing w:after="60" w:line="240" w:lineRule="auto"/>',
        _size(18),
    )
    + _style(
        "paragraph",
        "Footer",
        "footer",
        '<w:tabs><w:tab w:val="right" w:pos="9072"/></w:tabs><w:spacing w:after="0"/>',
        f"{_SANS}{_GREY}{_size(16)}",
    )
    + _style(
        "character",
        "FootnoteReference",
        "footnote reference",
        run='<w:vertAlign w:val="superscript"/>',
        based_on="DefaultParagraphFont",
    )
    + _style(
        "character",
        "Hyperlink",
        "Hyperlink",
        run='<w:color w:val="1F5F8B"/><w:u w:val="single"/>',
        based_on="DefaultParagraphFont",
    )
    + "</w:styles>"
)
