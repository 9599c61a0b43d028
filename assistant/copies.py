"""Copies of one story, kept with the live articles: which articles tell the same, and which of them is the origin.

Each distinct story is kept once, with a MinHash signature cut into bands: two stories that share a band may be copies
(Broder, "On the resemblance and containment of documents", 1997), and `assistant/story.py` decides on their texts. So
a pair depends on the two texts alone, never on the order in which they came, unless there is a crowd: of thousands
written from one template, only those most like a new one are compared with it, so that it costs no more than the
first. A library made by an earlier version has no stories: an article gets its story when it is next stored, or all of
them by `trade-assistant rebuild`.
"""

from __future__ import annotations

import functools
import hashlib
import heapq
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from assistant.database import Connection, date_to_column
from assistant.domain import Article, Block, BlockKind
from assistant.story import Story, is_copy, may_be_copy, read_story

# 64 bands of 2 values find a pair with a Jaccard similarity of .25 (a story cut to a quarter) with a probability of
# .984, of .5 with 1 - 1e-8; two articles on the same subject (.003) with .0006.
SIGNATURE_VALUES = 128
BAND_VALUES = 2
# A band that so many stories hold belongs to their template, and only the oldest of them are looked at: a story that
# went round the world is found in them as well.
MAX_HELD = 32
# The most alike stories whose figures are compared, those of them whose texts are compared, and how many of these may
# be no copies: what is most alike and no copy is of one template, and so are the rest.
MAX_LOOKED_AT, MAX_COMPARED, MAX_MISSES = 64, 16, 4
# To be raised with every change of what a story is or of how it is signed.
SCHEME = 1
_SEED = 20_261_122


def sign(connection: Connection, version_id: int, article: Article) -> None:
    """Keep the story of a live version and its pairs with other stories; inside a write transaction."""
    story = read_story(article)
    if story is None:
        return
    known = connection.execute("SELECT story_id FROM stories WHERE text_hash = ?", (story.text_hash,)).fetchone()
    story_id = known[0] if known else _new_story(connection, story)
    connection.execute("INSERT OR REPLACE INTO tellings VALUES (?, ?)", (version_id, story_id))


def forget(connection: Connection, version_id: int) -> None:
    """Forget the story of a version that is no longer live, with its pairs unless another article tells it too."""
    known = connection.execute("SELECT story_id FROM tellings WHERE version_id = ?", (version_id,)).fetchone()
    if known is None:
        return
    connection.execute("DELETE FROM tellings WHERE version_id = ?", (version_id,))
    if connection.execute("SELECT 1 FROM tellings WHERE story_id = ? LIMIT 1", known).fetchone():
        return
    bands = connection.execute("SELECT bands FROM stories WHERE story_id = ?", known).fetchone()[0]
    connection.executemany(
        "DELETE FROM story_bands WHERE band = ? AND story_id = ?",
        [(band, *known) for band in np.frombuffer(bands, dtype="<i8").tolist()],
    )
    connection.execute(
        "DELETE FROM copies WHERE other_id = ?1 AND story_id IN (SELECT other_id FROM copies WHERE story_id = ?1)",
        known,
    )
    connection.execute("DELETE FROM copies WHERE story_id = ?", known)
    connection.execute("DELETE FROM stories WHERE story_id = ?", known)


def is_signed(connection: Connection, version_id: int) -> bool:
    """Say whether the story of a version is kept."""
    return connection.execute("SELECT 1 FROM tellings WHERE version_id = ?", (version_id,)).fetchone() is not None


def fault(connection: Connection, *, compared: int | None = None) -> str:
    """Say what is wrong with what is kept, "" if nothing is; `mend` puts it right.

    The texts of `compared` articles, spread over all, are compared with their stories; of all if it is not given.
    """
    if found := _contradiction(connection, compared):
        return found
    if strays := len(connection.execute(_NOT_LIVE).fetchall()):
        return f"{strays} articles that are not live are compared with others"
    not_signed = connection.execute(_NOT_SIGNED).fetchall()
    missing = sum(read_story(_version(connection, version_id)) is not None for (version_id,) in not_signed)
    return f"{missing} articles are not compared with others" if missing else ""


def mend(connection: Connection) -> None:
    """Forget what is not live and sign what is live and not signed; sign all anew if anything kept is wrong."""
    if _contradiction(connection):
        for table in ("copies", "story_bands", "tellings", "stories"):
            connection.execute(f"DELETE FROM {table}")
    for (version_id,) in connection.execute(_NOT_LIVE).fetchall():
        forget(connection, version_id)
    for (version_id,) in connection.execute(_NOT_SIGNED).fetchall():
        sign(connection, version_id, _version(connection, version_id))


def clusters(connection: Connection, article_ids: Sequence[str], *, as_of: date | None = None) -> list[tuple[str, ...]]:
    """Return the groups of live articles that tell one story, of at least two, that any of these articles is in.

    Each begins with its origin: the earliest published (undated last), then the longest, then by id; the others follow
    in the same order. With `as_of`, what was published later is left out.
    """
    stories = connection.execute(_SHARED_STORIES, (json.dumps(list(article_ids)),)).fetchall()
    found: dict[int, tuple[str, ...]] = {}
    for (story_id,) in stories:
        if story_id not in found:
            rows = connection.execute(_CLUSTER, (story_id, date_to_column(as_of))).fetchall()
            members = tuple(article_id for article_id, _ in rows)
            found |= {member: members for _, member in rows} | {story_id: members}
    return [members for members in dict.fromkeys(found.values()) if len(members) > 1]


_NOT_LIVE = """
    SELECT version_id FROM tellings
    WHERE version_id NOT IN (SELECT live_version_id FROM articles WHERE live_version_id IS NOT NULL)
"""
_NOT_SIGNED = """
    SELECT live_version_id FROM articles
    WHERE live_version_id IS NOT NULL AND live_version_id NOT IN (SELECT version_id FROM tellings)
    ORDER BY live_version_id
"""
_CONTRADICTIONS = {
    "articles are compared by a text that is not there": """
        SELECT count(*) FROM tellings WHERE story_id NOT IN (SELECT story_id FROM stories)
    """,
    "texts that are compared are of no article": """
        SELECT count(*) FROM stories WHERE story_id NOT IN (SELECT story_id FROM tellings)
    """,
    "places in the index of copies are wrong": """
        SELECT abs((SELECT count(*) FROM story_bands) - (SELECT coalesce(sum(length(bands) / 8), 0) FROM stories))
    """,
    "pairs of copies are not whole": """
        SELECT count(*) FROM copies c WHERE story_id NOT IN (SELECT story_id FROM stories)
        OR NOT EXISTS (SELECT 1 FROM copies o WHERE o.story_id = c.other_id AND o.other_id = c.story_id)
    """,
}
_KEPT = """
    SELECT story_id, text_hash, scheme, words, figures, bands
    FROM tellings JOIN stories USING (story_id) WHERE version_id = ?
"""
_INDEXED = "SELECT count(*) FROM json_each(?) JOIN story_bands ON band = value WHERE story_id = ?"
_SHARED_STORIES = """
    SELECT DISTINCT t.story_id FROM articles a JOIN tellings t ON t.version_id = a.live_version_id
    WHERE a.article_id IN (SELECT value FROM json_each(?)) AND (
        EXISTS (SELECT 1 FROM copies c WHERE c.story_id = t.story_id)
        OR (SELECT count(*) FROM tellings u WHERE u.story_id = t.story_id) > 1)
    ORDER BY t.story_id
"""
_CLUSTER = """
    WITH RECURSIVE linked (story_id) AS (
        VALUES (?1) UNION SELECT c.other_id FROM copies c JOIN linked USING (story_id)
    )
    SELECT v.article_id, t.story_id FROM linked JOIN tellings t USING (story_id) JOIN versions v USING (version_id)
    WHERE ?2 IS NULL OR v.published <= ?2
    ORDER BY v.published NULLS LAST, v.characters DESC, v.article_id
"""


_LOOKED_AT = """
    SELECT story_id, words, figures FROM json_each(?) JOIN stories ON story_id = value ORDER BY key
"""


def _contradiction(connection: Connection, compared: int | None = None) -> str:
    """Say where the tables contradict each other or the texts of signed articles."""
    for what, query in _CONTRADICTIONS.items():
        if count := connection.execute(query).fetchone()[0]:
            return f"{count} {what}"
    signed = [row[0] for row in connection.execute("SELECT version_id FROM tellings ORDER BY version_id")]
    step = 1 if compared is None else max(1, len(signed) // compared)
    wrong = sum(not _is_signed_rightly(connection, version_id) for version_id in signed[::step])
    return f"{wrong} articles are compared by what they do not tell, or as another version does it" if wrong else ""


def _is_signed_rightly(connection: Connection, version_id: int) -> bool:
    """Say whether what is kept of a signed version is what `sign` would keep."""
    story = read_story(_version(connection, version_id))
    story_id, *kept = connection.execute(_KEPT, (version_id,)).fetchone()
    if story is None or tuple(kept) != _row(story):
        return False
    bands = _bands(story).tolist()
    return bool(connection.execute(_INDEXED, (json.dumps(bands), story_id)).fetchone()[0] == len(bands))


def _row(story: Story) -> tuple[str, str, int, bytes, bytes]:
    """Return what is kept of a story itself."""
    return story.text_hash, _scheme(), len(story.words), _digests(story).tobytes(), _bands(story).tobytes()


def _version(connection: Connection, version_id: int) -> Article:
    return _article(
        *connection.execute("SELECT text, blocks FROM versions WHERE version_id = ?", (version_id,)).fetchone()
    )


def _new_story(connection: Connection, story: Story) -> int:
    row = _row(story)
    cursor = connection.execute(
        "INSERT INTO stories (text_hash, scheme, words, figures, bands) VALUES (?, ?, ?, ?, ?)", row
    )
    bands = np.frombuffer(row[-1], dtype="<i8").tolist()
    story_id = int(cursor.lastrowid or 0)
    pairs = [(story_id, other) for other in _copies(connection, story, bands)]
    connection.executemany("INSERT INTO copies VALUES (?, ?)", [*pairs, *(pair[::-1] for pair in pairs)])
    connection.executemany("INSERT INTO story_bands VALUES (?, ?)", [(band, story_id) for band in bands])
    return story_id


def _copies(connection: Connection, story: Story, bands: list[int]) -> Iterator[int]:
    """Yield the stories that are copies of a new one, as far as they are looked for."""
    misses = 0
    for candidate in itertools.islice(_candidates(connection, story, bands), MAX_COMPARED):
        if is_copy(story, _stored_story(connection, candidate)):
            yield candidate
        else:
            misses += 1
            if misses == MAX_MISSES:
                return


def _candidates(connection: Connection, story: Story, bands: list[int]) -> Iterator[int]:
    """Yield the stories that share a band and whose lengths and figures allow a copy, the most alike first."""
    own, length = frozenset(_digests(story).tolist()), len(story.words)
    looked_at = json.dumps(_most_alike(connection, bands))
    for candidate, words, blob in connection.execute(_LOOKED_AT, (looked_at,)).fetchall():
        figures = frozenset(np.frombuffer(blob, dtype="<i8").tolist())
        sides = [(length, own), (words, figures)]
        # Of two equally long ones either may be the shorter.
        if any(may_be_copy(*one, *other) for one, other in (sides, sides[::-1]) if one[0] <= other[0]):
            yield candidate


def _most_alike(connection: Connection, bands: list[int]) -> list[int]:
    """Return the stories that share most bands, bands that few hold above all; the most alike first."""
    shared: defaultdict[int, float] = defaultdict(float)
    for band in bands:
        holders = connection.execute("SELECT story_id FROM story_bands WHERE band = ? LIMIT ?", (band, MAX_HELD))
        found = holders.fetchall()
        for (story_id,) in found:
            shared[story_id] += 1 / len(found) ** 2
    return heapq.nsmallest(MAX_LOOKED_AT, shared, key=lambda story_id: (-shared[story_id], story_id))


def _stored_story(connection: Connection, story_id: int) -> Story:
    text, blocks = connection.execute(
        "SELECT v.text, v.blocks FROM tellings t JOIN versions v USING (version_id) WHERE t.story_id = ? LIMIT 1",
        (story_id,),
    ).fetchone()
    return _read(text, blocks)


# The oldest notices of a template are compared with all that come after them.
@functools.lru_cache(maxsize=2 * MAX_COMPARED)
def _read(text: str, blocks: str) -> Story:
    return read_story(_article(text, blocks)) or Story(())


def _article(text: str, blocks: str) -> Article:
    return Article("", text, tuple(Block(BlockKind(kind), *numbers) for kind, *numbers in json.loads(blocks)))


def _scheme() -> str:
    from rensa import RMinHash

    return f"{SCHEME}.{RMinHash.ALGORITHM_VERSION}"


def _bands(story: Story) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the bands of a story's signature, distinct."""
    from rensa import RMinHash

    signature = RMinHash(num_perm=SIGNATURE_VALUES, seed=_SEED)
    signature.update(sorted(story.shingles))
    packed = np.array(signature.digest(), dtype="<u4").tobytes()
    size = 4 * BAND_VALUES
    bands = {_digest(packed[start : start + size], start) for start in range(0, len(packed), size)}
    return np.array(sorted(bands), dtype="<i8")


def _digests(story: Story) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(sorted(_digest(figure.encode()) for figure in story.figures), dtype="<i8")


def _digest(data: bytes, place: int = 0) -> int:
    digest = hashlib.blake2b(data, digest_size=8, salt=place.to_bytes(2, "little")).digest()
    return int.from_bytes(digest, "little", signed=True)
