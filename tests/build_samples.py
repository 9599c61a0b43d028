"""Write the PDF and Word sample articles of `ingest/samples`: `python -m tests.build_samples [FOLDER]`.

Their text is in this file, so that it can be read and changed; the same text gives the same bytes.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reportlab.platypus import BaseDocTemplate

SAMPLES = Path(__file__).resolve().parent.parent / "ingest" / "samples"
LABEL = "Sample article written for Trade Policy Assistant."


@dataclass(frozen=True)
class Section:
    """A part of an article: its heading ("" for the opening), then paragraphs, then a list or a table."""

    heading: str
    paragraphs: Sequence[str]
    items: Sequence[str] = ()
    rows: Sequence[tuple[str, str]] = ()
    closing: Sequence[str] = ()


@dataclass(frozen=True)
class Sample:
    """A sample article; `credits` are the lines between its title and its text."""

    title: str
    credits: Sequence[str]
    sections: Sequence[Section] = field(default_factory=tuple)


COURT = Sample(
    "The tariffs wait for the Supreme Court",
    ["By Sample Desk", "URL: https://example.org/sample-gazette/court"],
    [
        Section(
            "",
            [
                "WASHINGTON, Nov. 5, 2025 (Sample Gazette) — A case before the Supreme Court could take away part of "
                "the present tariff structure while the minerals truce is still young. At issue is whether a law "
                "from 1977 lets a president impose tariffs at all.",
            ],
        ),
        Section(
            "The law in question",
            [
                "The law is the International Economic Emergency Powers Act of 1977. Lower courts have held that "
                "using it to impose tariffs was unlawful. The high court has yet to decide.",
            ],
        ),
        Section(
            "What is at stake",
            [
                "If the justices agree with the lower courts, many of the new tariffs could fall, the measures "
                "against China among them. Companies and negotiators would then have to reckon with:",
            ],
            items=[
                "Tariffs on Chinese goods that may be thrown out",
                "Other new tariffs that rest on the same law",
                "A harder setting for talks on any extension of the truce",
            ],
        ),
        Section(
            "Where the rates stand",
            [
                "The tariff tied to the fentanyl trade stood at 20% and was cut by half after the two leaders met. "
                "With that cut, Bloomberg Economics puts the average rate on Chinese goods at around 31%. Many "
                "products from Brazil and India pay roughly 50%, so China could look like the cheaper place to "
                "produce for a while.",
                "Trump has also rolled back his threats of a 100% tariff increase, and the fees planned for Chinese "
                "ships in U.S. ports are on hold for a year.",
            ],
        ),
    ],
)

REACTION = Sample(
    "Magnet makers greet the truce with a shrug",
    ["Source: Sample Trade Monitor | Published: November 13, 2025"],
    [
        Section(
            "",
            [
                "The companies that need rare earth magnets most have been slow to applaud the agreement between "
                "the United States and China. Their orders still wait for the same licenses.",
            ],
        ),
        Section(
            "A cautious voice from the industry",
            [
                "Wade Senti is president of Advanced Magnet Lab. In his judgment the truce dealt with nearly "
                "everything except rare earths and permanent magnets, and the risk for the military has not changed "
                "since the beginning of June. Whatever other countries do, he said, the United States has to "
                "look after every link of its own mineral supply chain.",
            ],
        ),
        Section(
            "What buyers live with",
            ["Firms that buy from China describe four burdens:"],
            items=[
                "Approvals for export licenses take longer",
                "Each order needs a new filing",
                "Forms ask for sensitive details of the supply chain",
                "Companies in Germany meet the same demands, so the trouble has reached Europe",
            ],
        ),
        Section(
            "A lawyer's warning",
            [
                "Trade lawyer Nazak Nikakhtar says the truce may come to little if China goes on holding back "
                "licenses. The bottleneck comes from the controls of April, she notes, and those remain in place.",
            ],
        ),
        Section(
            "The other reading",
            [
                "Reports of the announcement of November 9 sound more hopeful. In them China has lifted its "
                "restrictions until November 2026 and relaxed the licensing rules, which gives U.S. manufacturers "
                "room to look for other suppliers. Analyst Kurt Cobb still speaks of a technological cold war in "
                "which supply chains are the weapon.",
            ],
        ),
    ],
)

COMPANIES = Sample(
    "What companies do with a year of quiet",
    ["By Sample Desk | November 4, 2025", "Source: Sample Trade Monitor"],
    [
        Section(
            "",
            [
                "The pause in China's new export regime gives manufacturers time, and little else. Defense, "
                "aerospace, automotive and electronics firms are weighing how to depend less on one country.",
            ],
        ),
        Section(
            "What the pause brings",
            ["For buyers of rare earths and magnets the effects pull in different directions:"],
            items=[
                "Relief: companies outside defense may find it easier to buy tools and machines for processing "
                "rare earths and magnets",
                "Friction: the older controls and the queues for licenses hold up buyers in the United States and in "
                "Europe",
                "Risk: firms may need bigger safety stocks, more suppliers and money for processing outside China",
            ],
        ),
        Section(
            "Four measures under discussion",
            ["Managers are weighing the following measures."],
            rows=[
                ("Measure", "What it means"),
                (
                    "Build redundancy",
                    "approve other suppliers, or processors outside China, for separation and magnets",
                ),
                (
                    "Map exposures",
                    "find the parts and programs that need Chinese magnets or alloy powders, and plan for trouble",
                ),
                ("Use contracts", "agree who carries the licensing risk and what happens when deliveries slip"),
                ("Engage in policy", "work with industry groups for faster and clearer export licensing"),
            ],
        ),
        Section(
            "What would make a lasting settlement",
            ["A durable solution would probably need:"],
            items=[
                "Clear rules for the time and papers that a license takes",
                "Open exceptions for uses outside defense",
                "Investment in processing capacity outside China",
                "A line between minerals policy and the enforcement of technology controls",
            ],
            closing=["Until then the truce buys time and leaves the weak points where they were."],
        ),
    ],
)


def build(folder: Path) -> list[Path]:
    """Write the samples into a folder and return their paths."""
    makers: dict[str, Callable[[], bytes]] = {
        "tariffs-at-the-supreme-court.pdf": lambda: _pdf(COURT, columns=1),
        "industry-reaction.pdf": lambda: _pdf(REACTION, columns=2),
        "what-companies-do.docx": lambda: _docx(COMPANIES),
    }
    paths = []
    for name, make in makers.items():
        path = folder / name
        path.write_bytes(make())
        paths.append(path)
    return paths


def _pdf(sample: Sample, *, columns: int) -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import ListFlowable, ListItem, Paragraph, Spacer

    styles = getSampleStyleSheet()
    story: list[Any] = [Paragraph(sample.title, styles["Title"])]
    story += [Paragraph(line, styles["BodyText"]) for line in [*sample.credits, LABEL]]
    for section in sample.sections:
        story.append(Paragraph(section.heading, styles["Heading2"]) if section.heading else Spacer(1, 12))
        story += [Paragraph(text, styles["BodyText"]) for text in section.paragraphs]
        if section.items:
            items = [ListItem(Paragraph(text, styles["Normal"])) for text in section.items]
            story.append(ListFlowable(items, bulletType="bullet", start="•", bulletFontSize=10, leftIndent=14))
        story += [Paragraph(text, styles["BodyText"]) for text in section.closing]
    buffer = io.BytesIO()
    _template(buffer, sample, columns).build(story)
    return buffer.getvalue()


def _template(buffer: io.BytesIO, sample: Sample, columns: int) -> BaseDocTemplate:
    from reportlab.lib.pagesizes import A5
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    width, height = A5
    margin, gutter = 40, 14
    column = (width - 2 * margin - (columns - 1) * gutter) / columns
    frames = [
        Frame(margin + number * (column + gutter), 50, column, height - 90, 0, 0, 0, 0) for number in range(columns)
    ]

    def furniture(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(margin, 24, "Sample article")
        canvas.drawRightString(width - margin, 24, f"Page {document.page}")

    template = BaseDocTemplate(buffer, pagesize=A5, title=sample.title, author="", invariant=1)
    template.addPageTemplates([PageTemplate(frames=frames, onPage=furniture)])
    return template


def _docx(sample: Sample) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(sample.title, level=0)
    for line in [*sample.credits, LABEL]:
        document.add_paragraph(line)
    for section in sample.sections:
        if section.heading:
            document.add_heading(section.heading, level=1)
        for text in section.paragraphs:
            document.add_paragraph(text)
        for text in section.items:
            document.add_paragraph(text, style="List Bullet")
        if section.rows:
            table = document.add_table(rows=0, cols=2, style="Table Grid")
            for row in section.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        for text in section.closing:
            document.add_paragraph(text)
    moment = datetime(2025, 11, 4, tzinfo=UTC)
    properties = document.core_properties
    properties.title, properties.author = sample.title, ""
    properties.created = properties.modified = moment
    buffer = io.BytesIO()
    document.save(buffer)
    return _dateless(buffer.getvalue())


def _dateless(archive: bytes) -> bytes:
    """Return a ZIP file with the same members, their times set to the earliest the format knows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            plain = zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0))
            plain.compress_type, plain.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(plain, source.read(member))
    return buffer.getvalue()


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
