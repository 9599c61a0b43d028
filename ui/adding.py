"""Add a source, and upload files: the two ways articles come in from the page. Both are indexed at once.

What a reader typed is checked by the catalog; its reason stands beside the form, and what was typed stays in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import streamlit as st

from assistant.errors import SourceError
from assistant.settings import Settings
from ingest.parse import SUFFIXES
from ui import failures, render, render_updates, signin
from ui.failures import Told
from ui.reindexing import Reindexing, Request

if TYPE_CHECKING:
    from ingest.catalog import SourceEntry
    from ingest.overview import SourceOverview

INTERVALS = ("10m", "30m", "1h", "6h", "1d", "7d")
USUAL = {"folder": "10m", "url": "6h", "feed": "30m", "federal-register": "6h"}
"""How often a source of each kind is looked at unless a reader wants it otherwise; the catalog's own defaults."""
TYPES = {"RULE": "Rules", "PRORULE": "Proposed rules", "NOTICE": "Notices", "PRESDOCU": "Presidential documents"}
"""The Federal Register's own types of documents."""
_KIND, _FORM, _ADDED, _UPLOADED, _ROUND = "add-kind", "add-form", "add-said", "uploaded", "upload-round"
_DELETED, _NOT_DELETED = "delete-uploads", "delete-uploads-problem"
_EARLIEST = date(1994, 1, 1)


@dataclass(frozen=True, slots=True)
class Added:
    """A source that this reader has added; `note` is what may not be expected of it."""

    name: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One uploaded file: where it was put, or why it was not; `name` is the one it was, or would have been, kept by."""

    name: str
    at: datetime
    location: str = ""
    reason: str = ""


def add_source(settings: Settings, reindexing: Reindexing, sources: Sequence[SourceOverview]) -> None:
    """Draw the form for a new source, and what came of the one added last. `sources` are those on the list."""
    said = st.session_state.get(_ADDED)
    with st.expander("Add a source", key="tpa-add"):
        kind = st.pills(
            "Kind",
            list(render_updates.KINDS),
            format_func=lambda name: render_updates.KINDS[name],
            default="folder",
            required=True,
            key=_KIND,
            on_change=lambda: st.session_state.pop(_ADDED, None),
        )
        prefix = f"{_FORM}-{st.session_state.get(_FORM, 0)}-{kind}"
        with st.form(prefix, border=False):
            _FIELDS[str(kind)](prefix)
            name, interval = st.columns(2)
            name.text_input("Name", key=f"{prefix}-name", placeholder="Chosen for you if empty")
            interval.selectbox(
                "Look again",
                INTERVALS,
                format_func=render_updates.every_in_words,
                index=INTERVALS.index(USUAL[str(kind)]),
                key=f"{prefix}-every",
            )
            st.form_submit_button("Add and index", on_click=_add, args=(settings, reindexing, str(kind), prefix))
        if isinstance(said, Added):
            st.html(f'<p class="tpa-note" role="status">{render.escaped(_came_of(said, sources, reindexing))}</p>')
        elif isinstance(said, Told):
            st.html(said.html)


def upload(settings: Settings, reindexing: Reindexing, source: SourceOverview | None) -> None:
    """Draw the field that files are dropped on, and what came of those dropped last. `source` is the one of uploads."""
    uploaded: tuple[Uploaded, ...] = st.session_state.get(_UPLOADED, ())
    with st.expander("Upload files", key="tpa-upload", expanded=bool(uploaded)):
        key = f"upload-{st.session_state.get(_ROUND, 0)}"
        st.file_uploader(
            "Drop files here, or choose them",
            type=sorted(suffix.removeprefix(".") for suffix in SUFFIXES),
            accept_multiple_files=True,
            key=key,
            on_change=_keep,
            args=(settings, reindexing, key),
            max_upload_size=_max_upload_mb(settings),
        )
        if uploaded:
            st.html(_outcomes_html(uploaded, source, is_running=reindexing.is_running))


def delete_uploads(settings: Settings, reindexing: Reindexing) -> None:
    """Draw the choice of uploaded files to delete; their articles are withdrawn at once."""
    from ingest.uploads import uploaded

    names = uploaded(settings.data_dir)
    if not names:
        return
    with st.popover("Delete files", key="tpa-delete-uploads", type="tertiary"):
        chosen = st.multiselect("Uploaded files to delete", names, key=_DELETED, placeholder="Choose files")
        st.html('<p class="tpa-note">Their articles will no longer be answered from. Old citations still open.</p>')
        st.button(
            f"Delete {render.count(len(chosen), 'file')}",
            key="delete-uploads-surely",
            disabled=not chosen or reindexing.is_running,
            on_click=_delete,
            args=(settings, reindexing),
        )
        if isinstance(problem := st.session_state.pop(_NOT_DELETED, None), Told):
            st.html(problem.card_html)


@signin.editors_only
def _delete(settings: Settings, reindexing: Reindexing) -> None:
    from ingest.uploads import delete_upload

    source = uploads_source(settings)
    try:
        for name in st.session_state.pop(_DELETED, ()):
            delete_upload(settings.data_dir, name)
    except SourceError as err:
        st.session_state[_NOT_DELETED] = failures.told(
            err,
            "deleting uploaded files",
            title="Not deleted",
            works="Files chosen before it are deleted, the others kept.",
        )
    if source is not None:
        reindexing.enqueue(Request(source=source.name, allow_removals=True))


def _max_upload_mb(settings: Settings) -> int:
    """Return the smaller of what is indexed and what the server takes."""
    return max(min(settings.max_file_bytes // 1_000_000, int(st.get_option("server.maxUploadSize"))), 1)


def uploads_source(settings: Settings) -> SourceEntry | None:
    """Return the source that the folder of uploads belongs to, None while nothing was uploaded."""
    from ingest.catalog import FolderEntry, read_sources
    from ingest.uploads import uploads_folder

    folder = uploads_folder(settings.data_dir)
    holding = [
        entry
        for entry in read_sources(settings.data_dir)
        if isinstance(entry, FolderEntry) and folder.is_relative_to(entry.path)
    ]
    return max(holding, key=lambda entry: len(entry.path.parts), default=None)


def _folder(prefix: str) -> None:
    st.text_input("Folder", key=f"{prefix}-path", placeholder="/home/me/articles")
    st.html('<p class="tpa-note">On the computer this page runs on, with all folders in it.</p>')


def _page(prefix: str) -> None:
    st.text_input("Address", key=f"{prefix}-url", placeholder="https://example.org/article")


def _feed(prefix: str) -> None:
    st.text_input("Address of the feed", key=f"{prefix}-url", placeholder="https://example.org/feed.xml")
    st.radio(
        "Text of an article",
        ["page", "feed"],
        format_func=lambda text: {"page": "The page it links to", "feed": "What the feed itself says"}[text],
        key=f"{prefix}-text",
        horizontal=True,
    )


def _federal_register(prefix: str) -> None:
    st.text_input("Words", key=f"{prefix}-term", placeholder="antidumping steel")
    st.text_input(
        "Agencies",
        key=f"{prefix}-agencies",
        placeholder="commerce-department, state-department",
        help="As the addresses of federalregister.gov spell them, with commas between them.",
    )
    st.multiselect(
        "Types", list(TYPES), format_func=lambda kind: TYPES[kind], key=f"{prefix}-types", placeholder="All types"
    )
    docket, since = st.columns(2)
    docket.text_input("Docket", key=f"{prefix}-docket", placeholder="C-570-161")
    since.date_input(
        "Published from",
        value=None,
        key=f"{prefix}-since",
        format="YYYY-MM-DD",
        min_value=_EARLIEST,
        max_value=date(2100, 12, 31),
    )


_FIELDS: dict[str, Callable[[str], None]] = {
    "folder": _folder,
    "url": _page,
    "feed": _feed,
    "federal-register": _federal_register,
}


@signin.editors_only
def _add(settings: Settings, reindexing: Reindexing, kind: str, prefix: str) -> None:
    """Add what the form says and index it; keep the form as it is if that cannot be done."""
    from ingest import catalog

    typed = {
        key.removeprefix(f"{prefix}-"): value
        for key, value in st.session_state.items()
        if isinstance(key, str) and key.startswith(f"{prefix}-")
    }
    try:
        fields = _fields(typed)
        _refuse_what_is_not_there(kind, fields)
        name = fields.pop("name") or catalog.free_name(settings.data_dir, _wish(kind, fields))
        wanted = catalog.entry_for(kind, allow_private=settings.allow_private_addresses, name=name, **fields)
        note = catalog.overlap(settings.data_dir, wanted)
        entry = catalog.add_source(settings.data_dir, wanted)
    except SourceError as err:
        works = "Sources on the list, and what is indexed, stay as they are."
        st.session_state[_ADDED] = failures.told(err, "adding a source", title="The source was not added", works=works)
        return
    st.session_state[_ADDED] = Added(entry.name, datetime.now(UTC), note)
    st.session_state[_FORM] = st.session_state.get(_FORM, 0) + 1
    reindexing.enqueue(Request(source=entry.name))


def _came_of(added: Added, sources: Sequence[SourceOverview], reindexing: Reindexing) -> str:
    """Say how a source stands that was just added."""
    source = next((source for source in sources if source.entry.name == added.name), None)
    if source is None:
        return f"{added.name} was added and has been removed."
    note = f" {render.sentence(added.note)}" if added.note else ""
    if reindexing.is_at(added.name):
        return f"Added {added.name}. It is being indexed now.{note}"
    state = source.state
    if state is None or state.checked_at < added.at:
        waits = "It is indexed after the run that goes on." if reindexing.is_running else "It is not indexed yet."
        return f"Added {added.name}. {waits}{note}"
    if state.problem:
        return f"Added {added.name}, but it could not be indexed: the reason stands with it below.{note}"
    failed = len(source.failures)
    failures = f", {failed:,} could not be indexed" if failed else ""
    return f"Added {added.name}: {render.count(source.articles, 'article')}{failures}.{note}"


def _fields(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as the fields of an entry: text without space around it, agencies as a list."""
    fields = {name: value.strip() if isinstance(value, str) else value for name, value in typed.items()}
    if "agencies" in fields:
        fields["agencies"] = tuple(part.strip() for part in fields["agencies"].split(",") if part.strip())
    if fields.get("path", "").startswith("~/"):
        fields["path"] = str(Path.home() / fields["path"][2:])
    if "types" in fields:
        fields["types"] = tuple(fields["types"])
    return fields


def _refuse_what_is_not_there(kind: str, fields: Mapping[str, Any]) -> None:
    """Refuse an empty field in the words of the form, and a folder that this computer does not have."""
    if kind == "folder" and not fields["path"]:
        raise SourceError("name a folder")
    if kind in {"url", "feed"} and not fields["url"]:
        raise SourceError("give an address that begins with https:// or http://")
    if kind == "folder" and Path(fields["path"]).is_absolute() and not Path(fields["path"]).is_dir():
        raise SourceError(f"there is no folder {fields['path']!r} on the computer this page runs on")


def _wish(kind: str, fields: Mapping[str, Any]) -> str:
    """Return a name that a reader would expect."""
    if kind == "folder":
        return PurePath(fields["path"]).name or kind
    if kind == "federal-register":
        return f"{kind} {fields['docket'] or fields['term']}".strip()
    try:
        return urlsplit(fields["url"]).hostname or kind
    except ValueError:
        return kind


@signin.editors_only
def _keep(settings: Settings, reindexing: Reindexing, key: str) -> None:
    """Put the files that were dropped into the folder of uploads, and index it."""
    from ingest.uploads import safe_name, save_upload

    outcomes = []
    for file in st.session_state.get(key) or ():
        now = datetime.now(UTC)
        try:
            path = save_upload(settings.data_dir, file.name, file.getvalue())
        except SourceError as err:
            told = failures.told(err, "keeping an uploaded file")
            outcomes.append(Uploaded(safe_name(file.name), now, reason=told.line))
        else:
            outcomes.append(Uploaded(path.name, now, location=str(path)))
    if not outcomes:
        return
    st.session_state[_UPLOADED] = tuple(outcomes)
    # An empty field in the place of this one: what was dropped is kept on disk, not in the session.
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    if any(outcome.location for outcome in outcomes):
        reindexing.enqueue(Request(source=source.name if (source := uploads_source(settings)) else ""))


def _outcomes_html(uploaded: tuple[Uploaded, ...], source: SourceOverview | None, *, is_running: bool) -> str:
    rows = "".join(
        f'<li><span class="tpa-path" dir="auto">{render.escaped(file.name)}</span>'
        f"<span>{render.escaped(_outcome(file, source, is_running=is_running))}</span></li>"
        for file in uploaded
    )
    return f'<ul class="tpa-lines" role="status">{rows}</ul>'


def _outcome(file: Uploaded, source: SourceOverview | None, *, is_running: bool) -> str:
    if file.reason:
        return render.sentence(file.reason)
    failed = {failure.location: failure for failure in source.failures} if source else {}
    if failure := failed.get(file.location):
        return render.sentence(failure.reason)
    if source and source.state and source.state.checked_at >= file.at and not source.state.problem:
        return "Indexed."
    return "Saved, being indexed." if is_running else "Saved, not indexed yet."
