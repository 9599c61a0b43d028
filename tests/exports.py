"""Records of exports to write and read back: one with everything in it, and one of a text that means harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from assistant.domain import (
    ComparisonKind,
    Filters,
    NearestArticle,
    PartialDate,
    Searched,
    Standing,
    Support,
    Validity,
)
from assistant.exports import (
    Exported,
    ExportedAnswer,
    ExportedCitation,
    ExportedClaim,
    ExportedComparison,
    ExportedPosition,
)

MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script> 5~10% and 20~30%, NT$, HK$ -- *bold* ![x](https://evil.example/p.png) [^1] "
    '</p><img src=x onerror="alert(2)"> --> ]]> \u202eevil\u2069 \u200b zero https://evil.example www.evil.example '
    ":smile: &amp; `code` @mail #tag | cell | \x00\x1b[31m \x85 \ufffe \U000e0041 \\ </w:t> {{x}} %%y%% ==z==\n"
    '=HYPERLINK("http://evil.example")\n+1\n-1\n@SUM(A1)\n# heading\n'
    "> quote\n    code\n1. one\n```\n\n* item\n[a]: b\n---\n\tend"
)
STEEL = ExportedCitation(
    marker=1,
    quote="The duty on steel rose to 25 per cent.",
    title="Tariffs on steel",
    publisher="Sample Wire",
    author="Ada Ünal",
    published=date(2026, 2, 3),
    url="https://example.org/steel?x=1&y=2",
    standing=Standing.WIRE,
    validity=Validity(PartialDate(2026, 2, 1), PartialDate(2026, 11), "until November 2026"),
    article_id="a1",
    version=2,
    start=18,
    end=56,
    content_hash="5e" * 32,
    retrieved_at=MOMENT,
    story="1 origin, 2 copies",
)
GAZETTE = replace(
    STEEL,
    marker=2,
    quote="The steel duty is 20 per cent.",
    title="Steel duty notified",
    publisher=None,
    author=None,
    published=None,
    url=None,
    standing=Standing.UNKNOWN,
    validity=Validity(),
    article_id="a2",
    version=1,
    start=0,
    end=30,
    story="",
)
ANSWER = ExportedAnswer(
    question="And how high is it?",
    standalone_question="How high is the duty on steel?",
    filters=Filters(since=date(2025, 1, 1), publishers=("Sample Wire", "Sample Gazette")),
    as_of=date(2026, 3, 1),
    is_refusal=False,
    text="The duty on steel rose to 25 per cent. [1]\n\nIt may fall. [2]",
    claims=(
        ExportedClaim("The duty on steel rose to 25 per cent.", Support.SUPPORTED, "exact quote", (1,)),
        ExportedClaim("It may fall.", Support.PARTIAL, "“fall” is not in the source", (2, 1)),
        ExportedClaim("Nobody knows.", Support.UNCITED, "no source", ()),
    ),
    comparisons=(
        ExportedComparison(
            ComparisonKind.FIGURE,
            "Sources differ on the duty on steel",
            (ExportedPosition("25 per cent", True, (1,)), ExportedPosition("20 per cent", False, (2,))),
        ),
        ExportedComparison(
            ComparisonKind.STATUS, "2 independent sources agree", (ExportedPosition("in force", True, (1, 2)),)
        ),
    ),
    notes=("What [2] says on the law is backed by no official source, see [9].", "The newest source is old."),
    nearest=(),
    searched=Searched(12, 40, 1),
    citations=(STEEL, GAZETTE),
    sources=2,
    cut_short="stopped on request",
    generation=7,
    answerer="openai:gpt",
    answered_at=MOMENT,
)
REFUSAL = ExportedAnswer(
    question="Who is the minister?",
    standalone_question="Who is the minister?",
    filters=Filters(),
    as_of=None,
    is_refusal=True,
    text="The indexed articles do not answer this question.\nSearched 12 articles.",
    claims=(),
    comparisons=(),
    notes=(),
    nearest=(NearestArticle("a1", "Tariffs on steel", "Sample Wire", None, "javascript:alert(1)"),),
    searched=Searched(12, 40),
    citations=(),
    sources=0,
    cut_short="",
    generation=7,
    answerer="exact quotes",
    answered_at=MOMENT,
)
CONVERSATION = Exported("Steel, in two questions", (REFUSAL, ANSWER), MOMENT, "0.1.0")


def saying(text: str, *, url: str | None = None) -> Exported:
    """Return a record in which this text is everything that a stranger can write."""
    citation = replace(
        STEEL, quote=text, title=text, publisher=text, author=text, url=text if url is None else url, story=text,
        article_id=text, content_hash=text, validity=replace(STEEL.validity, words=text),
    )  # fmt: skip
    answer = replace(
        ANSWER,
        question=text,
        standalone_question=f"Again: {text}",
        filters=Filters(publishers=(text,)),
        text=text,
        claims=(ExportedClaim(text, Support.PARTIAL, text, (1,)),),
        comparisons=(
            ExportedComparison(
                ComparisonKind.FIGURE, text, (ExportedPosition(text, True, (1,)), ExportedPosition("2", False, (1,)))
            ),
        ),
        notes=(text,),
        nearest=(NearestArticle(text, text, text, None, text if url is None else url),),
        citations=(citation,),
        cut_short=text,
        answerer=text,
    )
    return Exported(text, (answer, replace(answer, is_refusal=True, claims=())), MOMENT, "0.1.0")


def quoting(text: str) -> Exported:
    """Return a record with this quote, as its claim too."""
    claim = ExportedClaim(text, Support.SUPPORTED, "exact quote", (1,))
    answer = replace(ANSWER, claims=(claim,), comparisons=(), notes=(), citations=(replace(STEEL, quote=text),))
    return Exported("A quote", (answer,), MOMENT, "0.1.0")


class Read(HTMLParser):
    """Reads HTML as a browser would: its text, its tags, and what its attributes hold."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self._pieces: list[str] = []
        self._unread = 0
        self.feed(source)
        self.close()

    @property
    def text(self) -> str:
        """Return the text that is shown."""
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and its attributes."""
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._unread += tag in {"script", "style", "title"}

    def handle_endtag(self, tag: str) -> None:
        """Read on after a script."""
        self._unread -= tag in {"script", "style", "title"}

    def handle_data(self, data: str) -> None:
        """Keep text that is shown."""
        if not self._unread:
            self._pieces.append(data)
