"""What `--json` prints, as plain dicts: the exact keys, in this order, that scripts may rely on.

Dates are ISO or null, enums their values, offsets code points of the stored text of that version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from assistant.doctor import Finding
    from assistant.domain import (
        Answer,
        ArticleSummary,
        Citation,
        Claim,
        Comparison,
        Copies,
        NearestArticle,
        PartialDate,
        Run,
        SearchResult,
        Standing,
        Status,
        StoredArticle,
    )
    from assistant.evaluation import EvaluationResult
    from assistant.ranking import RankingResult
    from assistant.revision import Revision
    from assistant.standing import Rule
    from ingest.catalog import SourceEntry
    from ingest.overview import SourceOverview
    from ingest.progress import RunStatus
    from ingest.rebuild import Rebuilt
    from ingest.report import Report
    from ingest.watch import Looked

Json = dict[str, Any]
# JSON escapes C0 controls itself. These could still steer a terminal (C1), reorder what is read (bidirectional
# controls), break a line (U+2028 and U+2029) or not be encodable at all (lone surrogates).
_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def dumped(record: Mapping[str, Any]) -> str:
    """Return one line of JSON in UTF-8 text, safe to print: characters that steer a terminal are escaped."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(record, ensure_ascii=False))


def answer_json(answer: Answer) -> Json:
    """Return an answer or a refusal."""
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "is_refusal": answer.is_refusal,
        "text": answer.text,
        "claims": [_claim(claim) for claim in answer.claims],
        "nearest": [_nearest(article) for article in answer.nearest],
        "searched": {
            "articles": answer.searched.articles,
            "passages": answer.searched.passages,
            "undated_left_out": answer.searched.undated_left_out,
        },
        "generation": answer.generation,
        "as_of": _iso(answer.as_of),
        "answerer": answer.answerer,
        "timings_ms": dict(answer.timings_ms),
        "sources": len(answer.origins),
        "copies": {article_id: _story(story) for article_id, story in answer.copies.items()},
        "comparisons": [_comparison(one) for one in answer.comparisons],
        "notes": list(answer.notes),
    }


def search_json(result: SearchResult) -> Json:
    """Return the hits of a search, best first."""
    return {
        "query": result.query,
        "generation": result.generation,
        "hits": [
            {
                "article_id": hit.passage.article_id,
                "title": hit.passage.title,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "score": hit.score,
                "text": hit.passage.text,
            }
            for hit in result.hits
        ],
    }


def article_json(stored: StoredArticle) -> Json:
    """Return one version of an article with its whole text."""
    return {
        "article_id": stored.article_id,
        "version": stored.version,
        "is_current": stored.is_current,
        "location": stored.location,
        "title": stored.article.title,
        "publisher": stored.article.publisher,
        "author": stored.article.author,
        "published": _iso(stored.article.published),
        "url": stored.article.url,
        "indexed_at": _iso(stored.indexed_at),
        "withdrawn_at": _iso(stored.withdrawn_at),
        "text": stored.article.text,
    }


def revision_json(old: StoredArticle, new: StoredArticle, revision: Revision) -> Json:
    """Return what changed between two versions of an article."""
    return {
        "article_id": old.article_id,
        "old_version": old.version,
        "new_version": new.version,
        "is_same": revision.is_same,
        "details": [{"name": detail.name, "old": detail.old, "new": detail.new} for detail in revision.details],
        "lines": [
            {
                "old": line.old and list(line.old),
                "new": line.new and list(line.new),
                "pieces": [{"mark": piece.mark.value, "text": piece.text} for piece in line.pieces],
            }
            for line in revision.lines
        ],
    }


def status_json(status: Status, run: RunStatus | None, found: Sequence[SourceOverview]) -> Json:
    """Return the state of the library and, as `ingest`, the latest ingest run as far as its progress file tells.

    `withheld` counts articles that are answered from although their files are gone.
    """
    return {
        "data_dir": status.data_dir,
        "generation": status.generation,
        "articles": status.articles,
        "passages": status.passages,
        "pending": status.pending,
        "publishers": status.publishers,
        "undated": status.undated,
        "oldest": _iso(status.oldest),
        "newest": _iso(status.newest),
        "embedding_model": status.embedding_model,
        "vector_directory": status.vector_directory,
        "failures": [
            {"location": failure.location, "reason": failure.reason, "at": _iso(failure.at)}
            for failure in status.failures
        ],
        "last_run": _last_run(status.last_run),
        "vectors_problem": status.vectors_problem,
        "sources": len(found),
        "withheld": sum(source.state.withheld for source in found if source.state),
        "ingest": _ingest(run),
    }


def report_json(report: Report) -> Json:
    """Return the outcome of an ingest run."""
    return {
        "added": list(report.added),
        "changed": list(report.changed),
        "unchanged": report.unchanged,
        "moved": [{"old": old, "new": new} for old, new in report.moved],
        "removed": list(report.removed),
        "withheld": list(report.withheld),
        "deferred": report.deferred,
        "failed": [{"location": failure.location, "reason": failure.reason} for failure in report.failed],
        "ignored": report.ignored,
        "notes": list(report.notes),
        "generation": report.generation,
        "seconds": round(report.seconds, 3),
        "dry_run": report.dry_run,
    }


def entry_json(entry: SourceEntry) -> Json:
    """Return a source of the list."""
    return {"name": entry.name, "kind": entry.kind, "target": entry.target, "every": entry.every}


def sources_json(found: Sequence[SourceOverview]) -> Json:
    """Return each source with how it stands."""
    return {
        "sources": [
            {
                **entry_json(source.entry),
                "articles": source.articles,
                "checked_at": _iso(source.state.checked_at if source.state else None),
                "succeeded_at": _iso(source.state.succeeded_at if source.state else None),
                "next_at": _iso(source.next_at),
                "problem": source.state.problem if source.state else "",
                "withheld": source.state.withheld if source.state else 0,
                "failures": [
                    {"location": failure.location, "reason": failure.reason, "at": _iso(failure.at)}
                    for failure in source.failures
                ],
            }
            for source in found
        ]
    }


def look_json(looked: Looked) -> Json:
    """Return one look of `watch`."""
    return {
        "at": _iso(looked.at),
        "sources": list(looked.sources),
        "error": looked.error,
        "report": report_json(looked.report) if looked.report else None,
    }


def rebuilt_json(rebuilt: Rebuilt) -> Json:
    """Return the outcome of a rebuild."""
    return {
        "articles": rebuilt.articles,
        "passages": rebuilt.passages,
        "is_embedded_again": rebuilt.is_embedded_again,
        "embedded": rebuilt.embedded,
        "mended": rebuilt.mended,
        "vector_directory": rebuilt.vector_directory,
        "generation": rebuilt.generation,
        "seconds": round(rebuilt.seconds, 3),
    }


def findings_json(findings: Sequence[Finding]) -> Json:
    """Return what a checkup found; `problem` is "" where all is well."""
    return {
        "is_well": not any(finding.problem for finding in findings),
        "findings": [
            {
                "subject": finding.subject,
                "seen": finding.seen,
                "problem": finding.problem,
                "remedy": finding.remedy,
            }
            for finding in findings
        ],
    }


def ranking_json(result: RankingResult) -> Json:
    """Return the measures of a ranking, means and 95 % intervals, rounded to four places."""
    return {
        **{name: round(mean, 4) for name, mean in result.means.items()},
        "intervals": {name: [round(end, 4) for end in ends] for name, ends in result.intervals.items()},
        "queries": result.queries,
        "articles": result.articles,
    }


def evaluation_json(result: EvaluationResult) -> Json:
    """Return the counts of an evaluation and what came out wrong."""
    return {
        "answerable": result.answerable,
        "answered_right": result.answered_right,
        "unanswerable": result.unanswerable,
        "refused_right": result.refused_right,
        "failures": [{"id": question_id, "reason": reason} for question_id, reason in result.failures],
    }


def standing_json(rules: Sequence[Rule], file: Path, publishers: Mapping[str, Standing]) -> Json:
    """Return the table in use, in order, where a reader's own rules belong, and how each publisher stands by it."""
    return {
        "file": str(file),
        "publishers": {name: standing.value for name, standing in publishers.items()},
        "rules": [
            {"standing": rule.standing.value, "publishers": list(rule.publishers), "sites": list(rule.sites)}
            for rule in rules
        ],
    }


def _partial(when: PartialDate | None) -> str | None:
    """Return "2026-11-10", "2026-11" or "2026": as exact as the text."""
    return str(when) if when else None


def _claim(claim: Claim) -> Json:
    return {
        "text": claim.text,
        "support": claim.support.value,
        "reason": claim.reason,
        "citations": [_citation(citation) for citation in claim.citations],
    }


def _comparison(comparison: Comparison) -> Json:
    return {
        "kind": comparison.kind.value,
        "point": comparison.point,
        "is_agreement": comparison.is_agreement,
        "positions": [
            {
                "value": position.value,
                "is_newest": position.is_newest,
                "citations": [_citation(citation) for citation in position.citations],
            }
            for position in comparison.positions
        ],
    }


def _citation(citation: Citation) -> Json:
    return {
        "marker": citation.marker,
        "article_id": citation.article_id,
        "version": citation.version,
        "title": citation.title,
        "publisher": citation.publisher,
        "author": citation.author,
        "published": _iso(citation.published),
        "url": citation.url,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "standing": citation.standing.value,
        "effective": _partial(citation.validity.effective),
        "expires": _partial(citation.validity.expires),
        "validity_words": citation.validity.words,
    }


def _story(story: Copies) -> Json:
    return {"says": str(story), "origin": _telling(story.origin), "copies": [_telling(copy) for copy in story.copies]}


def _telling(article: ArticleSummary) -> Json:
    return {
        "article_id": article.article_id,
        "title": article.title,
        "publisher": article.publisher,
        "published": _iso(article.published),
        "url": article.url,
    }


def _nearest(article: NearestArticle) -> Json:
    return {
        "article_id": article.article_id,
        "title": article.title,
        "publisher": article.publisher,
        "published": _iso(article.published),
        "url": article.url,
    }


def _last_run(run: Run | None) -> Json | None:
    if run is None:
        return None
    return {
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "added": run.added,
        "changed": run.changed,
        "unchanged": run.unchanged,
        "removed": run.removed,
        "failed": run.failed,
        "moved": run.moved,
        "withheld": run.withheld,
        "notes": list(run.notes),
    }


def _ingest(run: RunStatus | None) -> Json | None:
    if run is None:
        return None
    return {
        "state": run.state.value,
        "stage": run.stage,
        "done": run.done,
        "total": run.total,
        "location": run.location,
        "pid": run.pid,
        "started_at": _iso(run.started_at),
        "updated_at": _iso(run.updated_at),
        "reason": run.reason,
    }


def _iso(moment: date | datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
