"""The part of answering by a language model that needs no model: what it is asked, and what its words become.

Passages go in as numbered data; out comes a stream of characters, cut into sentences as they complete, each with the
numbers of the passages it cites. Numbers the model invented are dropped, Markdown is stripped, and each citation is
narrowed to the sentences of the passage that carry the claim.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant import prompts
from assistant.domain import Draft, Span, Support
from assistant.errors import ChatModelError
from assistant.evidence import Evidence
from assistant.text import sentences
from assistant.verification import narrow, verify

# About 3,000 tokens: fits the smallest window that local servers are started with, with room for the answer.
MAX_PASSAGE_CHARS = 12_000
# A model that goes on and on, or was talked into it by a passage, is cut off here.
MAX_SENTENCES = 12
# A "sentence" without an end is cut here.
MAX_SENTENCE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class NumberedPassage:
    """A passage as the model sees it; its place in the list, from 1, is its number.

    `start` is the offset of `text` in the text of that version of the article.
    """

    article_id: str
    version: int
    start: int
    text: str
    title: str
    heading: tuple[str, ...] = ()
    publisher: str | None = None
    published: date | None = None


def passages_of(evidence: Evidence) -> list[NumberedPassage]:
    """Return the retrieved passages, best first, as many as fit; at least one if there is any."""
    about = {unit.read.source.article_id: unit.read.source.article for unit in evidence.units}
    chosen: list[NumberedPassage] = []
    characters = 0
    for hit in evidence.hits:
        passage = hit.passage
        characters += len(passage.text)
        if chosen and characters > MAX_PASSAGE_CHARS:
            break
        article = about.get(passage.article_id)
        chosen.append(
            NumberedPassage(
                article_id=passage.article_id,
                version=passage.version,
                start=passage.start,
                text=passage.text,
                title=passage.title,
                heading=passage.heading,
                publisher=article.publisher if article else None,
                published=article.published if article else None,
            )
        )
    return chosen


def prompt(question: str, passages: Sequence[NumberedPassage]) -> tuple[str, str]:
    """Return the system message and the user message for a question.

    The same question over the same passages gives the same messages. No passage can close the block it stands in: the
    code in the closing line is a hash over all passages.
    """
    shown = "\n\n".join(_shown(number, passage) for number, passage in enumerate(passages, 1))
    code = hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    user = prompts.USER.format(
        begin=prompts.BEGIN.format(code=code),
        passages=shown,
        end=prompts.END.format(code=code),
        question=" ".join(question.split()),
    )
    return prompts.SYSTEM, user


# Square brackets would pass for markers, angle brackets for the control tokens of chat templates ("<|im_end|>").
_INERT = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›"})


def _shown(number: int, passage: NumberedPassage) -> str:
    known = [
        ("Publisher", passage.publisher),
        ("Date", passage.published.isoformat() if passage.published else None),
        ("Title", passage.title),
        ("Section", " / ".join(passage.heading)),
    ]
    about = " | ".join(f"{name}: {' '.join(value.split())}" for name, value in known if value)
    return prompts.PASSAGE.format(number=number, about=about.translate(_INERT), text=passage.text.translate(_INERT))


def drafts(pieces: Iterable[str], passages: Sequence[NumberedPassage]) -> Iterator[Draft]:
    """Yield one draft a sentence as the model's words arrive; nothing if it says that the passages do not answer.

    A sentence without the number of a passage becomes a draft without spans. A ChatModelError from `pieces` comes
    through after all sentences that were complete by then.
    """
    written = 0
    for text, numbers in stream_sentences(pieces):
        if is_refusal(text):
            if written == 0:
                return
            continue
        cited = [passages[number - 1] for number in numbers if 1 <= number <= len(passages)]
        yield Draft(text, _spans(text, cited))
        written += 1
        if written == MAX_SENTENCES:
            return


_RANK = (Support.SUPPORTED, Support.PARTIAL, Support.UNSUPPORTED, Support.UNCITED)


def _spans(claim: str, cited: Sequence[NumberedPassage]) -> tuple[Span, ...]:
    """Return what each cited passage contributes, narrowed unless only the whole passages together carry the claim."""
    narrowed = [narrow(claim, passage.text, sentences(passage.text)) for passage in cited]
    quotes = [passage.text[start:end] for passage, (start, end) in zip(cited, narrowed, strict=True)]
    whole = verify(claim, [passage.text for passage in cited]).support
    if _RANK.index(verify(claim, quotes).support) > _RANK.index(whole):
        narrowed = [(0, len(passage.text)) for passage in cited]
    spans = [
        Span(passage.article_id, passage.version, passage.start + start, passage.start + end)
        for passage, (start, end) in zip(cited, narrowed, strict=True)
    ]
    return tuple(dict.fromkeys(spans))


def is_refusal(sentence: str) -> bool:
    """Say whether a sentence is the refusal phrase, alone or with a few words around it ("Sorry, but …")."""
    words = re.findall(r"[a-z]+", sentence.lower())
    phrase = re.findall(r"[a-z]+", prompts.REFUSAL.lower())
    if len(words) > len(phrase) + _DECORATION:
        return False
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))


_DECORATION = 8


def stream_sentences(pieces: Iterable[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each sentence as soon as it is complete, as plain text without markers, with the numbers it cites.

    How the text was cut into pieces makes no difference. Markers before, at or after the full stop, or alone on the
    next line, belong to the sentence they follow. When `pieces` raises ChatModelError, sentences that were complete
    are yielded before it comes through; a half-written one is dropped.
    """
    splitter = _Splitter()
    try:
        for piece in _without_thoughts(pieces):
            for character in piece:
                yield from splitter.feed(character)
    except ChatModelError:
        yield from splitter.finish(is_cut=True)
        raise
    yield from splitter.finish(is_cut=False)


_THOUGHT = re.compile(r"\s*<(think|thinking|reasoning)>", re.IGNORECASE)
_THOUGHT_BEGINS = ("<think>", "<thinking>", "<reasoning>")


def _without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """Drop what a reasoning model thinks aloud before its answer, between `<think>` and `</think>`."""
    held: str | None = ""
    closing = ""
    for piece in pieces:
        if held is None:
            yield piece
            continue
        held += piece
        if not closing:
            opened = _THOUGHT.match(held)
            if opened:
                closing = f"</{opened[1].lower()}>"
            elif not any(begin.startswith(held.strip().lower()) for begin in _THOUGHT_BEGINS):
                yield held
                held = None
        if held is not None and closing and closing in held.lower():
            yield held[held.lower().index(closing) + len(closing) :]
            held = None
    if held and not closing:
        yield held


_MARKER = re.compile(
    r"\\?[\[【]\s*\^?(?:(?:passages?|sources?|nos?\.?)\s*)?(?P<numbers>\d{1,4}(?:\s*(?:[,;–-]|and|&)\s*\^?\d{1,4})*)"
    r"(?:†[^\]】]*)?\s*\\?[\]】]",
    re.IGNORECASE,
)
_ENDING = re.compile(r"[.!?…]")
# Characters that begin none of the patterns above and below.
_PLAIN_RUN = re.compile(r"[^\[\]【】<*_`\\|!]+")
_OPEN_BRACKET = re.compile(r"[\[【][^\]】]{0,80}\Z")
_LINK = re.compile(r"!?\[(?P<shown>[^\]\n]+)\]\([^)\s]*\)")
_TAG = re.compile(r"</?(?:b|i|u|em|strong|br|p|sup|sub|ul|ol|li|span|div)\s*/?>", re.IGNORECASE)
_BULLET = re.compile(r"\s*(?:(?:[-*•+·]|\d{1,2}[.)])\s+|>\s*)+")
_EMPHASIS = re.compile(r"\*\*|__|`+|(?<![\d\s])\*|\*(?![\d\s])|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)")
_ESCAPE = re.compile(r"\\(?=[\[\]*_#`])")
# Lines that are read only when they are whole, because they may say nothing: headings, rules, fences, tables.
_WHOLE_LINE = re.compile(r"\s*(?:#|\||```|~~~|\*\*|__)")
_NOTHING = re.compile(
    r"\s*(?:#{1,6}(?:\s.*)?|[-*_=\s]{3,}|(?:```|~~~).*|[|:\s-]+|(?:\*\*|__)[^.!?\[【]*(?:\*\*|__):?)\s*"
)


class _Splitter:
    """Cuts characters into sentences; it decides only where a word or a line has just ended."""

    def __init__(self) -> None:
        self._raw = ""
        self._is_line_start = True
        self._held: tuple[str, tuple[int, ...]] | None = None

    def feed(self, character: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        self._raw += character
        if character == "\n":
            yield from self._end_line()
        elif character.isspace() or len(self._raw) >= MAX_SENTENCE_CHARS:
            yield from self._end_word()

    def finish(self, *, is_cut: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield what is left; of a cut stream only what surely was a whole sentence, ended and cited."""
        found = list(self._read_line())
        if is_cut and found and not (found[-1][1] and re.search(r"[.!?][\"'”’)\]]*\Z", found[-1][0])):
            found = found[:-1]
        self._raw = ""
        yield from self._after_held(found)
        yield from self._release()

    def _end_line(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        found = list(self._read_line())
        self._raw, self._is_line_start = "", True
        if found:
            yield from self._after_held(found[:-1])
            if found[-1][0]:
                yield from self._release()
            yield from self._hold(found[-1])

    def _end_word(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        is_waiting = self._is_line_start and _WHOLE_LINE.match(self._raw)
        is_long = len(self._raw) >= MAX_SENTENCE_CHARS
        if not is_long and (is_waiting or not _ENDING.search(self._raw) or _OPEN_BRACKET.search(self._raw)):
            return
        line = _Line(self._raw, is_start=self._is_line_start)
        spans = sentences(line.text)
        if len(spans) > 1:
            rest = line.raw_offset(spans[-1][0])
            yield from self._after_held(line.sentences(spans[:-1], until=spans[-1][0]))
            self._raw, self._is_line_start = self._raw[rest:], False
        elif is_long:
            yield from self._after_held(line.sentences(spans, until=len(line.text)))
            self._raw, self._is_line_start = "", False

    def _read_line(self) -> list[tuple[str, tuple[int, ...]]]:
        if self._is_line_start and _NOTHING.fullmatch(self._raw):
            return []
        line = _Line(self._raw, is_start=self._is_line_start)
        return line.sentences(sentences(line.text), until=len(line.text))

    def _after_held(self, found: Sequence[tuple[str, tuple[int, ...]]]) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield sentences in order; numbers without words belong to the sentence that is held back."""
        for text, numbers in found:
            if text:
                yield from self._release()
                yield text, numbers
            elif self._held is not None:
                self._held = (self._held[0], _merged(self._held[1], numbers))

    def _hold(self, sentence: tuple[str, tuple[int, ...]]) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Keep the last sentence of a line: its marker may stand on the next."""
        if sentence[0]:
            self._held = sentence
        else:
            yield from self._after_held([sentence])

    def _release(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        if self._held is not None:
            yield self._held
            self._held = None


class _Line:
    """A line or the beginning of one as plain text, with its markers taken out and their places kept."""

    def __init__(self, raw: str, *, is_start: bool) -> None:
        kept: list[str] = []
        self._offsets: list[int] = []
        self._markers: list[tuple[int, tuple[int, ...]]] = []
        at = 0
        bullet = _BULLET.match(raw) if is_start else None
        if bullet:
            at = bullet.end()
        link_ends: dict[int, int] = {}
        while at < len(raw):
            if at in link_ends:
                at = link_ends[at]
                continue
            run = _PLAIN_RUN.match(raw, at)
            if run:
                kept += run[0]
                self._offsets += range(at, run.end())
                at = run.end()
                continue
            marker = _MARKER.match(raw, at)
            link = _LINK.match(raw, at) if not marker else None
            gone = _TAG.match(raw, at) or _EMPHASIS.match(raw, at) or _ESCAPE.match(raw, at)
            if marker:
                self._markers.append((len(kept), _numbers(marker["numbers"])))
                at = marker.end()
            elif link:
                link_ends[link.end("shown")] = link.end()
                at = link.start("shown")
            elif gone and gone.end() > at:
                at = gone.end()
            else:
                kept.append(" " if raw[at] == "|" else raw[at])
                self._offsets.append(at)
                at += 1
        self._end = len(raw)
        self.text = "".join(kept)

    def raw_offset(self, offset: int) -> int:
        """Return where a character of the plain text, or a marker just before it, stands in the raw line."""
        return self._offsets[offset] if offset < len(self._offsets) else self._end

    def sentences(self, spans: Sequence[tuple[int, int]], *, until: int) -> list[tuple[str, tuple[int, ...]]]:
        """Return the sentences with their numbers; numbers before the first word belong to the first sentence."""
        found: list[tuple[str, tuple[int, ...]]] = []
        for position, (start, end) in enumerate(spans):
            opened = 0 if position == 0 else start + 1
            closed = spans[position + 1][0] + 1 if position + 1 < len(spans) else until + 1
            numbers = [numbers for at, numbers in self._markers if opened <= at < closed]
            text = _tidy(self.text[start:end])
            found.append((text if re.search(r"\w", text) else "", _merged(*numbers)))
        if not spans and self._markers:
            found.append(("", _merged(*(numbers for _, numbers in self._markers))))
        return found


def _tidy(text: str) -> str:
    # Around a marker that was taken out, brackets may have come to look like one.
    text = re.sub(r"\[(\d+)\]", r"［\1］", re.sub(r"\s+", " ", text).strip())
    return re.sub(r" +(?=[.,;:!?…](?:\s|\Z|[\"'”’)]))", "", text)


def _numbers(written: str) -> tuple[int, ...]:
    """Read "1, 3" and "2-4"; a range longer than any list of passages is read as its ends."""
    found: list[int] = []
    for part in re.split(r"\s*(?:[,;&]|and)\s*", written, flags=re.IGNORECASE):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        is_range = len(ends) == 2 and 0 < ends[1] - ends[0] <= 50
        found += range(ends[0], ends[1] + 1) if is_range else ends
    return tuple(found)


def _merged(*numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for part in numbers for number in part))
