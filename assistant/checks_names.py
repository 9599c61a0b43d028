"""Names and goods of a claim are those of the source: people, bodies and countries, minerals, crops and products.

A name may be shorter than in the source, its initials, or another form of the same country's name.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.claim_reading import Case, Reading, concepts_of, is_in
from assistant.finding import Finding, absent, doubtful, wrong
from assistant.names import Name, known_key
from assistant.synonyms import strong_words
from assistant.vocabulary import goods, word_stem


def check_names(case: Case) -> Iterable[Finding]:
    """Every proper name of the claim is in the source, whole or in a form that the source makes plain."""
    for name in case.claim.names:
        if name.key is not None:
            if not _is_known_in(name, case.source):
                yield wrong(absent(case.claim.written(name)))
            continue
        if name.words[0] in strong_words() and len(name.words) == 1:
            continue  # "Unless …" opens a sentence
        missing = [word for word in name.words if not _stands_in(word, case.source)]
        if not missing:
            if len(name.words) > 1 and not _is_together(name.words, case.source):
                yield doubtful(f"“{case.claim.written(name)}” is not named so in the cited passage")
        elif not _is_spelled_by(name, case.source):
            is_longer_form = name.words[-1] not in missing and _stands_alone(name.words[-1], case.source)
            reason = absent(case.claim.written(name))
            yield doubtful(reason) if is_longer_form or not name.is_sure else wrong(reason)


def _is_known_in(name: Name, source: Reading) -> bool:
    if name.key in source.keys or (name.key == "europe" and "eu" in source.keys):
        return True
    return name.key == "eu" and name.words[0] == "european" and "europe" in source.keys


def _stands_in(word: str, source: Reading) -> bool:
    """Say whether a word of a name stands in the source, as a word of any case or as the name of the same country."""
    key = known_key(word)
    if key is not None and key in source.keys:
        return True
    return any(word == other.lower for other in source.words) or word_stem(word) in source.stems


def _is_together(words: tuple[str, ...], source: Reading) -> bool:
    """Say whether the words of a name stand near one another, as in "Greer, the trade representative"."""
    stemmed = [word_stem(word) for word in words]
    places = [[at for at, other in enumerate(source.stems) if other == word] for word in stemmed]
    reach = len(words) + 6
    return any(
        all(any(abs(at - first) <= reach for at in others) for others in places) for first in places[0]
    ) or not all(places)


def _stands_alone(word: str, source: Reading) -> bool:
    """Say whether the source has a name's last word without any first name."""
    return any(name.words == (word,) for name in source.names)


def _is_spelled_by(name: Name, source: Reading) -> bool:
    """Say whether one of the two is the initials of the other: "IEEPA", "electric vehicles" for "EVs"."""
    if len(name.words) == 1:
        letters = name.words[0].removesuffix("s") if len(name.words[0]) > 2 else name.words[0]
        return 2 <= len(letters) <= 6 and letters in initials(source)
    letters = "".join(word[0] for word in name.words)
    return any(word.lower == letters for word in source.words)


def initials(source: Reading) -> set[str]:
    """Return the first letters of every two to six words in a row of a text."""
    letters = [word.lower[0] for word in source.words if word.lower not in ("of", "the", "and", "for", "on", "to")]
    line = "".join(letters)
    return {line[at : at + length] for length in range(2, 7) for at in range(len(line) - length + 1)}


def check_goods(case: Case) -> Iterable[Finding]:
    """No mineral, crop or product is named that the source does not name."""
    listed = goods()
    known = frozenset(case.source.stems)
    concepts = concepts_of(known)
    for word, stemmed in zip(case.claim.words, case.claim.stems, strict=True):
        if stemmed in listed and not is_in(stemmed, known, concepts):
            yield wrong(absent(case.claim.written(word)))
