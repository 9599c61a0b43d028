"""The record as JSON: an export of its own, and what every other format carries within it to be checked by.

The keys are the fields of the dataclasses in `exports`, with those of `Filters`, `Searched`, `NearestArticle` and
`Validity` in `domain`, in that order, after `"format": "trade-assistant export"`. Dates are ISO 8601, moments carry
their offset, enums their values, character offsets count code points; `published` and the like are null where unknown.
`schema()` gives the same as a JSON Schema.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from assistant.errors import ExportError
from assistant.exports import SCHEMA, Exported, ExportedAnswer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = "trade-assistant export"
# Escaped so that a text editor shows all there is: C1, marks of direction, what has no width, line separators.
_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)
# Within HTML and Markdown: what could end a script element or a comment. None of it is ever outside a JSON string.
_STEERING = re.compile("[<>&]|-(?=-)|-(?=>)")


def dumped(record: Exported, *, indent: int | None = None) -> str:
    """Return the record as JSON text."""
    fields: dict[str, Any] = _adapter().dump_python(record, mode="json")
    return _escaped(
        _UNSAFE, json.dumps({"format": FORMAT, "schema": record.schema, **fields}, ensure_ascii=False, indent=indent)
    )


def embedded(record: Exported) -> str:
    """Return one line of JSON that ends no script element and no comment, whatever its texts hold."""
    return _escaped(_STEERING, dumped(record))


def loaded(text: str) -> Exported:
    """Read a record back. Raises ExportError, with the first thing that is wrong, for anything that is none."""
    from pydantic import ValidationError

    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise ExportError("its record is not JSON: it was cut or changed") from err
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ExportError("it is no export of Trade Policy Assistant")
    if found.get("schema") != SCHEMA:
        raise ExportError(f"its record has schema {found.get('schema')!r:.20}, this version reads {SCHEMA}: update")
    try:
        record = _adapter().validate_json(text, strict=True)
    except ValidationError as err:
        first = err.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ExportError(f"its record is damaged at {where[:80]!r}: {first['msg']}") from err
    for answer in record.answers:
        _check(answer)
    return record


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the record."""
    found = _adapter().json_schema()
    found["properties"] = {"format": {"const": FORMAT, "type": "string"}, **found["properties"]}
    found["required"] = ["format", *found["required"]]
    return found


@functools.cache
def _adapter() -> TypeAdapter[Exported]:
    from pydantic import TypeAdapter

    return TypeAdapter(Exported)


def _escaped(unsafe: re.Pattern[str], text: str) -> str:
    return unsafe.sub(lambda found: _code(found[0]), text)


def _code(character: str) -> str:
    """Return a character as JSON writes it in ASCII, two halves for one beyond U+FFFF."""
    return json.dumps(character)[1:-1] if ord(character) > 126 else f"\\u{ord(character):04x}"


def _check(answer: ExportedAnswer) -> None:
    """Raise ExportError unless each marker is given once and every one that is named is given."""
    markers = [citation.marker for citation in answer.citations]
    named = [marker for claim in answer.claims for marker in claim.markers]
    named += [marker for one in answer.comparisons for position in one.positions for marker in position.markers]
    if len({*markers}) < len(markers) or not {*named} <= {*markers} or min(markers, default=1) < 1:
        raise ExportError("its record is damaged: its claims and its quotes do not fit together")
    for citation in answer.citations:
        try:
            _ = [when.first for when in (citation.validity.effective, citation.validity.expires) if when]
        except (ValueError, OverflowError) as err:
            raise ExportError("its record is damaged: there is no such day as one of those it names") from err
        if not 0 <= citation.start <= citation.end:
            raise ExportError("its record is damaged: a quote ends before it begins")
