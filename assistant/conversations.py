"""Stored conversations, in a file of their own beside the library, so that a chat never waits for ingest.

Every read and write names the owner, and finds nothing that belongs to another. The file is opened for each call and
closed after it: nothing is held that another process, a backup or a reader would wait for. It is made by the first
question and can be read by its user only. Nothing is deleted but what an owner deletes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant import database
from assistant.conversation_records import (
    ConversationSummary,
    Feedback,
    FeedbackEntry,
    StoredTurn,
    TurnState,
    Vote,
    moment_from_column,
    moment_to_column,
    searchable,
    turn_from_columns,
    turn_to_columns,
)
from assistant.conversation_tables import MIGRATIONS
from assistant.database import Connection, Schema, storable
from assistant.errors import ConversationsError

FILE_NAME = "conversations.sqlite3"
MAX_SEARCH_WORDS = 8
MAX_RENAMED_CHARS = 200
# A reader of a page waits for it at most.
BUSY_TIMEOUT_S = 2.0

SCHEMA = Schema(
    name="file of conversations",
    migrations=MIGRATIONS,
    missing="no question has been asked in {folder!r} yet",
    outdated="open the page once with rights to write there to bring it up to date",
    damaged=f"the file is damaged; move {FILE_NAME} in {{folder!r}} away, and put back a copy of it if you have one",
    error=ConversationsError,
    missing_error=ConversationsError,
    mismatch_error=ConversationsError,
    busy_timeout_s=BUSY_TIMEOUT_S,
    is_private=True,
)

_GONE = "this conversation is no longer there; it was deleted"
_ASKED_ELSEWHERE = (
    "meanwhile a question was asked in this conversation from another program over the same data directory; "
    "use one of the two, or start a new chat"
)


class ConversationStore:
    """The conversations of a data directory; safe to use from many threads and processes.

    Every method raises ConversationsError, which says what to do, if the file cannot be read or written.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._is_current = False

    def save(self, owner: str, key: str, turn: StoredTurn, *, title: str = "") -> None:
        """Store a turn, or store it anew as it is now. With a `title` its conversation is made if it is not there."""
        columns = turn_to_columns(turn)
        with self._writing() as connection:
            conversation_id = _id_of(connection, owner, key)
            if conversation_id is None and title:
                conversation_id = _new_conversation(connection, owner, key, title, turn.asked_at)
            if conversation_id is None:
                raise ConversationsError(_GONE)
            _put(connection, conversation_id, columns)
            _put_words(connection, conversation_id, turn)
            connection.execute(
                "UPDATE conversations SET updated_at = max(updated_at, ?) WHERE conversation_id = ?",
                (columns["asked_at"], conversation_id),
            )

    def conversations(self, owner: str, *, search: str = "", limit: int = 50) -> tuple[ConversationSummary, ...]:
        """Return the conversations of an owner, the last used first; those in which each word of `search` begins one.

        Words are looked for in titles, questions and answers; words without a letter or digit are left out.
        """
        words = [word for word in search.split() if any(char.isalnum() for char in word)][:MAX_SEARCH_WORDS]
        if search.strip() and not words:
            return ()
        matches = "".join(f" AND conversation_id IN ({_MATCHING})" for _ in words)
        terms = [term for word in words for term in [_term(word)] * 2]
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(
                f"{_SUMMARY} WHERE owner = ?{matches} ORDER BY updated_at DESC, conversation_id DESC LIMIT ?",
                (storable(owner), *terms, limit),
            )
            return tuple(_summary(row) for row in rows)

    def conversation(self, owner: str, key: str) -> ConversationSummary | None:
        """Return a conversation, None if there is none of this key and owner."""
        with self._reading() as connection:
            if connection is None:
                return None
            row = connection.execute(f"{_SUMMARY} WHERE owner = ? AND key = ?", _ids(owner, key)).fetchone()
            return _summary(row) if row else None

    def turns(self, owner: str, key: str, *, before: int | None = None, limit: int = 20) -> tuple[StoredTurn, ...]:
        """Return the latest turns, oldest first, or the latest of those `before` a number.

        One that never ended is interrupted. One that cannot be read is there with its question and an error.
        """
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(
                "SELECT turns.* FROM turns JOIN conversations USING (conversation_id) "
                "WHERE owner = ? AND key = ? AND number < ? ORDER BY number DESC LIMIT ?",
                (*_ids(owner, key), 2**62 if before is None else before, limit),
            )
            return tuple(_ended(turn_from_columns(row)) for row in reversed(_named(rows)))

    def rename(self, owner: str, key: str, title: str) -> None:
        """Give a conversation another title."""
        cleaned = " ".join(storable(title).split())[:MAX_RENAMED_CHARS]
        if not cleaned:
            raise ConversationsError("a title needs at least one character")
        with self._writing() as connection:
            conversation_id = _id_of(connection, owner, key)
            if conversation_id is None:
                raise ConversationsError(_GONE)
            connection.execute(
                "UPDATE conversations SET title = ? WHERE conversation_id = ?", (cleaned, conversation_id)
            )
            connection.execute("UPDATE title_words SET title = ? WHERE rowid = ?", (cleaned, conversation_id))

    def delete(self, owner: str, key: str) -> None:
        """Delete a conversation with its turns and the feedback on them, for good; nothing of one already gone.

        What was written is also wiped from the file.
        """
        if not self._path.is_file():
            return
        with closing(self._open()) as connection:
            with database.errors(self._path, SCHEMA):
                connection.execute("PRAGMA secure_delete = ON")
            with database.writing(connection, self._path, SCHEMA):
                conversation_id = _id_of(connection, owner, key)
                if conversation_id is None:
                    return
                connection.execute(
                    "DELETE FROM turn_words WHERE rowid IN (SELECT turn_id FROM turns WHERE conversation_id = ?)",
                    (conversation_id,),
                )
                connection.execute("DELETE FROM title_words WHERE rowid = ?", (conversation_id,))
                connection.execute("DELETE FROM conversations WHERE conversation_id = ?", (conversation_id,))
                # Only a merge takes the words of deleted rows out of a full-text index.
                for table in ("turn_words", "title_words"):
                    connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
            database.checkpoint(connection)

    def save_feedback(self, owner: str, key: str, number: int, feedback: Feedback, *, at: datetime) -> None:
        """Store what an owner says of one of their turns, in the place of what they said before; it is open again."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT turn_id FROM turns JOIN conversations USING (conversation_id) "
                "WHERE owner = ? AND key = ? AND number = ?",
                (*_ids(owner, key), number),
            ).fetchone()
            if row is None:
                raise ConversationsError("feedback cannot be kept: the answer is not stored")
            connection.execute(
                "INSERT INTO feedback (turn_id, vote, reasons, comment, at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (turn_id) DO UPDATE SET vote = excluded.vote, reasons = excluded.reasons, "
                "comment = excluded.comment, at = excluded.at, resolved_at = NULL, resolution = ''",
                (row[0], feedback.vote.value, _reasons(feedback), storable(feedback.comment), moment_to_column(at)),
            )

    def feedback_on(self, owner: str, key: str) -> dict[int, Feedback]:
        """Return what an owner said of the turns of a conversation, by their numbers; also what is set aside."""
        with self._reading() as connection:
            if connection is None:
                return {}
            rows = connection.execute(
                "SELECT number, vote, reasons, comment FROM feedback JOIN turns USING (turn_id) "
                "JOIN conversations USING (conversation_id) WHERE owner = ? AND key = ?",
                _ids(owner, key),
            )
            return {number: _feedback(*said) for number, *said in rows}

    def feedback(self, *, resolved: bool | None = None, limit: int = 200) -> tuple[FeedbackEntry, ...]:
        """Return the feedback of all owners, the latest first, for the maintainer only; all of it, open, or resolved.

        What readers set aside is left out. The caller has checked that the maintainer asks.
        """
        which = {None: "", True: " WHERE resolved_at IS NOT NULL", False: " WHERE resolved_at IS NULL"}[resolved]
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(
                "SELECT feedback.*, turns.*, owner, key FROM feedback JOIN turns USING (turn_id) "
                f"JOIN conversations USING (conversation_id){which} ORDER BY at DESC, feedback_id DESC LIMIT ?",
                (limit,),
            )
            return tuple(_entry(row) for row in _named(rows))

    def resolve_feedback(self, feedback_id: int, resolution: str, *, at: datetime) -> None:
        """Note what was done about feedback, for the maintainer only."""
        with self._writing() as connection:
            done = connection.execute(
                "UPDATE feedback SET resolution = ?, resolved_at = ? WHERE feedback_id = ?",
                (storable(resolution), moment_to_column(at), feedback_id),
            )
            if not done.rowcount:
                raise ConversationsError("this feedback is no longer there; its conversation was deleted")

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """Give one consistent state, None where nothing was ever stored."""
        if not self._path.is_file():
            yield None
            return
        with closing(self._open_to_read()) as connection, database.reading(connection, self._path, SCHEMA):
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise ConversationsError(f"the folder {str(self._path.parent)!r} cannot be made: {err.strerror}") from err
        with closing(self._open()) as connection, database.writing(connection, self._path, SCHEMA):
            yield connection

    def _open(self) -> Connection:
        connection = database.open_for_writing(self._path, SCHEMA)
        self._is_current = True
        return connection

    def _open_to_read(self) -> Connection:
        if not self._is_current:
            self._bring_up_to_date()
        return database.open_for_reading(self._path, SCHEMA)[0]

    def _bring_up_to_date(self) -> None:
        """Migrate a file of an older version, or finish one whose making was cut short, if it can be written."""
        try:
            self._open().close()
        except ConversationsError:
            # Reading says what is wrong, if anything is: a file that cannot be written may well be read.
            self._is_current = True


_SUMMARY = (
    "SELECT key, title, created_at, updated_at, "
    "(SELECT count(*) FROM turns WHERE turns.conversation_id = conversations.conversation_id) FROM conversations"
)
_MATCHING = (
    "SELECT rowid FROM title_words WHERE title_words MATCH ? UNION "
    "SELECT conversation_id FROM turn_words JOIN turns ON turn_id = turn_words.rowid WHERE turn_words MATCH ?"
)


def _term(word: str) -> str:
    """Return a word as a prefix of FTS5; quoted, or "8471.30" and "U.S." are errors of syntax."""
    return '"' + storable(word).replace("\0", " ").replace('"', '""') + '" *'


def _ids(owner: str, key: str) -> tuple[str, str]:
    return storable(owner), storable(key)


def _id_of(connection: Connection, owner: str, key: str) -> int | None:
    row = connection.execute(
        "SELECT conversation_id FROM conversations WHERE owner = ? AND key = ?", _ids(owner, key)
    ).fetchone()
    return int(row[0]) if row else None


def _new_conversation(connection: Connection, owner: str, key: str, title: str, at: datetime) -> int:
    moment, storable_title = moment_to_column(at), storable(title)
    made = connection.execute(
        "INSERT INTO conversations (key, owner, title, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (storable(key), storable(owner), storable_title, moment, moment),
    ).lastrowid
    assert made is not None
    connection.execute("INSERT INTO title_words (rowid, title) VALUES (?, ?)", (made, storable_title))
    return made


def _put(connection: Connection, conversation_id: int, columns: dict[str, Any]) -> None:
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    news = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "number")
    # A turn is the same one if it was asked at the same moment; two programs may give a number twice.
    written = connection.execute(
        f"INSERT INTO turns (conversation_id, {names}) VALUES (:conversation_id, {marks}) "
        f"ON CONFLICT (conversation_id, number) DO UPDATE SET {news} WHERE asked_at = excluded.asked_at",
        {"conversation_id": conversation_id, **columns},
    )
    if not written.rowcount:
        raise ConversationsError(_ASKED_ELSEWHERE)


def _put_words(connection: Connection, conversation_id: int, turn: StoredTurn) -> None:
    (turn_id,) = connection.execute(
        "SELECT turn_id FROM turns WHERE conversation_id = ? AND number = ?", (conversation_id, turn.number)
    ).fetchone()
    connection.execute("DELETE FROM turn_words WHERE rowid = ?", (turn_id,))
    connection.execute(
        "INSERT INTO turn_words (rowid, question, answer) VALUES (?, ?, ?)", (turn_id, *searchable(turn))
    )


def _named(rows: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _ended(turn: StoredTurn) -> StoredTurn:
    """Return a stored turn as it is seen once nobody answers it any more."""
    is_open = turn.state in {TurnState.QUEUED, TurnState.RUNNING}
    return replace(turn, state=TurnState.INTERRUPTED) if is_open else turn


def _summary(row: Sequence[Any]) -> ConversationSummary:
    key, title, created_at, updated_at, turns = row
    return ConversationSummary(key, title, moment_from_column(created_at), moment_from_column(updated_at), turns)


def _reasons(feedback: Feedback) -> str:
    return json.dumps([storable(reason) for reason in feedback.reasons], ensure_ascii=False)


def _feedback(vote: str, reasons: str, comment: str) -> Feedback:
    return Feedback(Vote(vote), tuple(json.loads(reasons)), comment)


def _entry(row: dict[str, Any]) -> FeedbackEntry:
    said = _feedback(row["vote"], row["reasons"], row["comment"])
    return FeedbackEntry(
        row["feedback_id"],
        said if said.vote is Vote.DOWN else Feedback(said.vote),
        moment_from_column(row["at"]),
        row["owner"],
        row["key"],
        _ended(turn_from_columns(row)),
        moment_from_column(row["resolved_at"]) if row["resolved_at"] else None,
        row["resolution"],
    )
