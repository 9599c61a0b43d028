"""The tables of a library, version by version."""

from __future__ import annotations

# One tuple of statements for each schema version, applied in order; never edit one that was released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE meta (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            library_id TEXT NOT NULL,                    -- made anew with every library; keys caches of passage ids
            generation INTEGER NOT NULL DEFAULT 0,
            embedding_model TEXT,
            dimension INTEGER,
            chunker_version INTEGER,
            vector_directory TEXT,                       -- name below vectors/, NULL before the first
            vector_last_id INTEGER NOT NULL DEFAULT 0,   -- largest passage id ever given when it was built
            vector_deletions INTEGER NOT NULL DEFAULT 0, -- passages deleted inside it by earlier differences
            vector_number INTEGER NOT NULL DEFAULT 0     -- last number used for a name; none is used twice
        )""",
        """CREATE TABLE articles (
            article_id TEXT PRIMARY KEY,
            location NOT NULL UNIQUE,                    -- TEXT, or BLOB where a path is not valid UTF-8
            live_version_id INTEGER REFERENCES versions, -- NULL once withdrawn
            file_hash TEXT NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            withdrawn_at TEXT
        )""",
        """CREATE TABLE versions (
            version_id INTEGER PRIMARY KEY,
            article_id TEXT NOT NULL REFERENCES articles,
            version INTEGER NOT NULL,
            content_hash TEXT NOT NULL,
            title TEXT NOT NULL,
            publisher TEXT,
            author TEXT,
            published INTEGER,                           -- yyyymmdd, NULL if the document does not say
            url TEXT,
            indexed_at TEXT NOT NULL,
            characters INTEGER NOT NULL,
            searchable TEXT NOT NULL,                    -- case-folded title, publisher, author, location
            blocks TEXT NOT NULL,                        -- JSON [[kind, start, end, level], …]
            text TEXT NOT NULL,
            UNIQUE (article_id, version)
        )""",
        # Filters read this and not the rows, which are as long as their texts.
        "CREATE INDEX versions_by_date ON versions (published, publisher)",
        """CREATE TABLE passages (
            passage_id INTEGER PRIMARY KEY AUTOINCREMENT,
            version_id INTEGER NOT NULL REFERENCES versions,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            heading TEXT NOT NULL                        -- JSON ["Top heading", …]
        )""",
        "CREATE INDEX passages_by_version ON passages (version_id)",
        """CREATE TABLE embeddings (
            passage_id INTEGER PRIMARY KEY REFERENCES passages,
            text_hash TEXT NOT NULL,                     -- sha256 of the text that was embedded
            vector BLOB NOT NULL                         -- float32, little-endian
        )""",
        "CREATE INDEX embeddings_by_text ON embeddings (text_hash)",
        # Live passages only: rows of old versions would distort the idf.
        """CREATE VIRTUAL TABLE passage_text USING fts5(
            title, heading, text, tokenize = "porter unicode61 remove_diacritics 2"
        )""",
        # Passages that the named vector directory still holds but the library does not.
        "CREATE TABLE departed (passage_id INTEGER PRIMARY KEY)",
        "CREATE TABLE folders (path NOT NULL PRIMARY KEY)",
        "CREATE TABLE failures (location NOT NULL PRIMARY KEY, reason TEXT NOT NULL, at TEXT NOT NULL)",
        """CREATE TABLE runs (
            run_id INTEGER PRIMARY KEY,
            started_at TEXT NOT NULL,
            finished_at TEXT NOT NULL,
            added INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            unchanged INTEGER NOT NULL,
            removed INTEGER NOT NULL,
            failed INTEGER NOT NULL
        )""",
        "INSERT INTO meta (id, library_id) VALUES (1, lower(hex(randomblob(16))))",
    ),
    (
        "ALTER TABLE articles ADD COLUMN parser_version INTEGER NOT NULL DEFAULT 1",
        # The later of the times when its bytes were written and when anything of the file changed.
        "ALTER TABLE articles RENAME COLUMN mtime_ns TO changed_ns",
        # 1 while its file is gone and the user is asked whether it is to be removed.
        "ALTER TABLE articles ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE versions ADD COLUMN effective INTEGER",  # yyyymmdd
        "ALTER TABLE versions ADD COLUMN \"references\" TEXT NOT NULL DEFAULT '[]'",  # JSON [[label, identifier], …]
        "ALTER TABLE failures ADD COLUMN source TEXT NOT NULL DEFAULT ''",
        # State of the file it failed with: the same bytes are not tried again by the same parser.
        "ALTER TABLE failures ADD COLUMN file_hash TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE failures ADD COLUMN size INTEGER NOT NULL DEFAULT -1",
        "ALTER TABLE failures ADD COLUMN changed_ns INTEGER NOT NULL DEFAULT -1",
        "ALTER TABLE failures ADD COLUMN parser_version INTEGER NOT NULL DEFAULT 0",
        # What the user sets to get the model that `embedding_model` identifies; NULL if not known.
        "ALTER TABLE meta ADD COLUMN embedding_setting TEXT",
        """CREATE TABLE fetched (
            source TEXT NOT NULL,                        -- name in sources.toml
            url TEXT NOT NULL,                           -- as asked for
            location NOT NULL,                           -- of its article
            file_hash TEXT NOT NULL,
            etag TEXT,
            last_modified TEXT,
            fingerprint TEXT NOT NULL,
            PRIMARY KEY (source, url)
        )""",
        "CREATE INDEX fetched_by_location ON fetched (location)",
        """CREATE TABLE source_states (
            name TEXT PRIMARY KEY,
            target TEXT NOT NULL,                        -- the folder or address it had then
            checked_at TEXT NOT NULL,
            succeeded_at TEXT,
            problem TEXT NOT NULL,                       -- "" when the last look went well
            retry_at TEXT,
            withheld INTEGER NOT NULL,                   -- articles that are gone but were not removed
            etag TEXT,
            last_modified TEXT,
            fingerprint TEXT NOT NULL
        )""",
        "ALTER TABLE runs ADD COLUMN moved INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'",  # JSON ["a sentence", …]
        "ALTER TABLE runs ADD COLUMN generation_before INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
        # Written in the commit that makes the change.
        """CREATE TABLE changes (
            change_id INTEGER PRIMARY KEY,
            generation INTEGER NOT NULL,                 -- the one that the change made
            kind TEXT NOT NULL,                          -- a ChangeKind
            article_id TEXT NOT NULL REFERENCES articles,
            version INTEGER NOT NULL,
            at TEXT NOT NULL
        )""",
        "CREATE INDEX changes_by_generation ON changes (generation)",
        # Embeddings of a re-embedding under way, so that one that was killed goes on where it was.
        "CREATE TABLE staged_embeddings (text_hash TEXT PRIMARY KEY, vector BLOB NOT NULL)",
        "ALTER TABLE meta ADD COLUMN staged_model TEXT",
        # What live articles tell, each distinct story once; `assistant/copies.py`.
        """CREATE TABLE stories (
            story_id INTEGER PRIMARY KEY,
            text_hash TEXT NOT NULL UNIQUE,
            scheme TEXT NOT NULL,                        -- how it was read and signed
            words INTEGER NOT NULL,
            figures BLOB NOT NULL,                       -- int64 hashes of its figures, dates and identifiers
            bands BLOB NOT NULL                          -- int64 hashes of its signature's bands
        )""",
        """CREATE TABLE story_bands (
            band INTEGER NOT NULL,
            story_id INTEGER NOT NULL,
            PRIMARY KEY (band, story_id)
        ) WITHOUT ROWID""",
        "CREATE TABLE tellings (version_id INTEGER PRIMARY KEY REFERENCES versions, story_id INTEGER NOT NULL)",
        "CREATE INDEX tellings_by_story ON tellings (story_id)",
        """CREATE TABLE copies (                           -- each pair in both directions
            story_id INTEGER NOT NULL,
            other_id INTEGER NOT NULL,
            PRIMARY KEY (story_id, other_id)
        ) WITHOUT ROWID""",
    ),
)

# What cannot be made again from anything else in a library.
KEPT_TABLES = ("meta", "articles", "versions", "folders", "failures", "runs", "changes", "fetched", "source_states")
