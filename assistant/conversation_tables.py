"""The tables of stored conversations, version by version."""

from __future__ import annotations

# One tuple of statements for each schema version, applied in order; never edit one that was released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE conversations (
            conversation_id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,                    -- random; in the page's address
            owner TEXT NOT NULL,
            title TEXT NOT NULL,
            created_at TEXT NOT NULL,                    -- UTC, as all times here
            updated_at TEXT NOT NULL                     -- of the last question
        )""",
        "CREATE INDEX conversations_by_owner ON conversations (owner, updated_at)",
        """CREATE TABLE turns (
            turn_id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            number INTEGER NOT NULL,                     -- from 1
            format INTEGER NOT NULL,                     -- of the JSON in this row
            question TEXT NOT NULL,
            standalone TEXT NOT NULL,                    -- as it was understood or edited
            asked_at TEXT NOT NULL,
            state TEXT NOT NULL,                         -- "queued" and "running" of a stopped server: interrupted
            filters TEXT NOT NULL,                       -- JSON
            claims TEXT NOT NULL,                        -- JSON, of a turn without an answer
            answer TEXT,                                 -- JSON
            error TEXT NOT NULL,
            error_kind TEXT NOT NULL,
            error_id TEXT NOT NULL,                      -- the log has it too
            news TEXT NOT NULL,                          -- JSON, numbers by kind
            UNIQUE (conversation_id, number)
        )""",
        # Feedback on a turn replaces what was said of it before.
        """CREATE TABLE feedback (
            feedback_id INTEGER PRIMARY KEY,
            turn_id INTEGER NOT NULL UNIQUE REFERENCES turns ON DELETE CASCADE,
            vote TEXT NOT NULL,
            reasons TEXT NOT NULL,                       -- JSON ["a reason", …]
            comment TEXT NOT NULL,
            at TEXT NOT NULL,
            resolved_at TEXT,
            resolution TEXT NOT NULL DEFAULT ''
        )""",
        # Their rowids are those of turns and of conversations.
        """CREATE VIRTUAL TABLE turn_words USING fts5(
            question, answer, tokenize = "porter unicode61 remove_diacritics 2"
        )""",
        """CREATE VIRTUAL TABLE title_words USING fts5(title, tokenize = "porter unicode61 remove_diacritics 2")""",
    ),
)
