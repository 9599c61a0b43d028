"""Page furniture in running text: prompts to watch, share, subscribe; credits; cookie and copyright notices.

Rules about the wording of a sentence or line, so that they hold for every file type. Each rule is anchored at the
start of a sentence: a sentence that only mentions a video or a newsletter is news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.text import sentences

_NETWORK = r"(?:x|twitter|facebook|linkedin|whatsapp|telegram|instagram|reddit|youtube|tiktok|bluesky|threads|e-?mail)"
_PICTURE = r"(?:image|photo|picture|photograph|video|graphic|illustration)s?"
_PIECE = r"(?:article|story|post|page|piece|news|report|content|material)"

# Furniture wherever a sentence of a paragraph starts with it.
_SENTENCE = re.compile(
    "|".join(
        (
            # Pictures and films
            r"(?:watch|see|view|play) (?:(?:the|this|our|a) )?(?:full |following |embedded )?(?:videos?|clips?)\b",
            r"(?:the |this )?(?:video|clip|footage) (?:above|below|(?:is|comes) from|was (?:posted|uploaded))\b",
            rf"(?:{_PICTURE}|thumbnail|banner|(?:featured|cover|header) (?:image|photo))"
            r" *(?:source|credits?|courtesy(?: of)?|caption) ?(?::|/|–|—|-|by\b|of\b)",
            rf"{_PICTURE} ?(?::|/ )",
            rf"{_PICTURE} (?:via|courtesy) ",
            # Links
            r"click (?:here|on the (?:link|image|photo)|the (?:link|image|button))\b",
            r"click to (?:share|print|enlarge|subscribe|read|watch|view)\b",
            r"tap here\b",
            r"(?:read more|read also|also read|see also|related(?: \w+)?|also on|more on this|recommended(?: \w+)?"
            r"|further reading|don['’]t miss|up next|next up) ?(?::|»|>|→)",
            r"(?:you (?:may|might) also (?:like|enjoy)|in case you missed it|continue reading|keep reading)\b",
            rf"read (?:the )?(?:full|original|entire|complete) {_PIECE} (?:here|at|on|in)\b",
            r"read more (?:about .{0,60} )?(?:here|at|on|in)\b",
            r"sources (?:include|used|cited|for this (?:article|story))\b.{0,20}:?",
            # Subscriptions and networks
            r"(?:subscribe|sign up|sign-up|register)\b.*?\b(?:newsletters?|e-?mails?|inbox|channel|podcast|alerts?"
            r"|briefings?|updates|account|free trial|subscription)\b",
            r"subscribe (?:now|today|here|to (?:our|the|us|read|continue|get|unlock))\b",
            r"(?:get|have|receive)\b.*?\b(?:delivered|sent|straight|directly) (?:straight |directly )?to your inbox\b",
            r"(?:follow|find|like|join) (?:us|our|the author)\b.*?"
            rf"\b(?:{_NETWORK}|channel|group|community|page|conversation|live|coverage)\b",
            r"follow us\b",
            rf"follow [\w .@&'’-]{{2,50}} on {_NETWORK}\b",
            rf"(?:share|tweet|e-?mail|print|forward) (?:this|the) {_PIECE}\b",
            rf"share (?:on|via|to) {_NETWORK}\b",
            r"download (?:our|the) (?:\w+ ){0,2}app\b",
            rf"listen to this {_PIECE}\b",
            r"(?:please )?support (?:our|independent|quality) (?:journalism|reporting|work|newsroom)\b",
            r"become (?:an? )?(?:member|subscriber|supporter|patron)\b",
            r"(?:leave|post|write|add) a comment\b",
            r"join the (?:discussion|conversation)\b",
            r"(?:do you )?have a (?:news )?tip\b",
            # Rights, cookies, credits
            r"(?:©|\(c\)|copyright\b *(?:©|\(c\)|\d{4}))",
            r"all rights reserved\b",
            rf"no part of this {_PIECE}\b",
            rf"this {_PIECE} may not be (?:published|reproduced|copied|redistributed|broadcast)\b",
            rf"(?:this|the) {_PIECE} (?:was |has been )?(?:first |originally |previously )"
            r"(?:appeared|published|syndicated|reprinted|republished)\b",
            r"(?:this|our) (?:web)?site uses cookies\b",
            r"we(?: and our partners)? use cookies\b",
            r"(?:accept|reject|manage) (?:all )?cookies\b",
            r"by (?:continuing|clicking|using|browsing|signing|subscribing|submitting|registering)\b"
            r".*?\byou (?:agree|accept|consent|acknowledge)\b",
            r"(?:please )?(?:enable|turn on) javascript\b",
            r"our standards:",
            r"\(?reporting by [^.]{3,160}[;,.] *(?:additional reporting|writing|editing) by\b",
            # Articles that say they are samples
            r"(?:this is an? )?sample (?:article|page|document|text|story) (?:was )?written for\b",
            rf"this {_PIECE} is a sample\b",
        )
    ),
    re.IGNORECASE,
)

# Furniture when it is all there is in a block.
_LINE = re.compile(
    r"(?:"
    + "|".join(
        (
            r"advertisements?|ads?|sponsored(?: (?:content|post|by [\w .&'’-]{2,40}))?|promoted|paid content",
            rf"{_PIECE} continues (?:below|after)\b.{{0,40}}|scroll (?:down )?(?:to|for)\b.{{0,40}}",
            r"skip (?:to|past)\b.{0,40}|back to top|jump to\b.{0,40}|toggle .{0,30}|menu|search|home|close|loading",
            r"subscribe(?: (?:now|today))?|sign (?:in|up|out)|log ?in|register|newsletters?",
            r"donate(?: (?:now|today|here))?",
            r"share|share (?:this|on|via)\b.{0,40}|tweet|print|e-?mail|copy link|save|bookmark|reply",
            r"comments?(?: \(?\d+\)?)?|\d+ (?:comments?|shares?|views?)",
            _NETWORK,
            r"watch(?: (?:now|live|here|video|the video))?|watch(?: live)?: .{0,160}|video|listen(?: now)?|gallery",
            r"image|photos?|in pictures",
            r"read (?:more|next|also|on)(?: (?:stories|articles|news))?|also read|see also",
            r"more (?:from|on|about) .{2,60}|more (?:stories|news|articles|to read)",
            r"related(?: (?:articles?|stories|news|posts?|content|topics?|coverage|reading|links?|videos?))?",
            r"recommended(?: (?:for you|articles?|stories|reading))?",
            r"(?:most|latest|top) (?:read|popular|viewed|news|stories|headlines)|trending(?: now)?|popular(?: now)?",
            r"editors?['’]?s? picks?|don['’]t miss|up next|what to read next|you may also like|further reading",
            r"(?:next|previous|older|newer) (?:article|story|post|page)s?|continue",
            r"(?:topics?|tags?|filed under|categories|category|keywords|in this (?:article|story))(?:: .{0,200})?",
            r"(?:about|contact) (?:us|the (?:author|writer))|terms (?:of|and|&) .{2,40}",
            r"privacy (?:policy|notice|settings)(?: .{0,40})?|your privacy choices|do not sell .{0,40}",
            r"cookies?(?: (?:policy|settings|notice|preferences))?|accept(?: all)?|legal notice|sitemap",
            r"accessibility statement|disclaimer",
            r"sources?(?:: .{2,200}[^.?!])?|references|sources? (?:include|used|cited)",
            r"\d{1,2}[ -]min(?:ute)?s?(?: read)?",
            r"getty images|(?:ap|afp|reuters|shutterstock|getty|istock|unsplash|pixabay|pexels)"
            r"(?:(?: photos?| images?)| ?/ ?.{2,60})",
            r"(?:photo|image|picture|video|graphic) by .{2,80}",
        )
    )
    + r")\s*[:»>→.…!]*",
    re.IGNORECASE,
)
_OPENS_NOTICE = re.compile(
    r"(?:disclaimer\s*:|the views (?:and opinions )?expressed\b|sources?\s+include\b)", re.IGNORECASE
)
_LIST_LABEL = re.compile(
    r"(?:sources?(?: (?:include|used|cited|for this (?:article|story)))?|references|related(?: \w+)?|also read|see also"
    r"|read (?:more|next|also)|more (?:stories|news|articles|to read)|more (?:from|on) .{2,60}|recommended(?: \w+){0,2}"
    r"|further reading|trending(?: now)?|(?:most|latest|top) (?:read|popular|viewed|news|stories|headlines)"
    r"|editors?['’]?s? picks?|don['’]t miss|up next|what to read next|you (?:may|might) also (?:like|enjoy)"
    r"|in case you missed it|topics?|tags?|filed under|share(?: this(?: \w+)?)?|follow us(?: on)?)\s*[:»>→]*",
    re.IGNORECASE,
)


def is_boilerplate(text: str) -> bool:
    """Say whether a whole block is page furniture."""
    stripped = text.strip()
    if not any(character.isalnum() for character in stripped):
        return True
    if len(stripped) <= 260 and (_LINE.fullmatch(stripped) or _OPENS_NOTICE.match(stripped)):
        return True
    return all(is_furniture for _, _, is_furniture in runs(text, 0, len(text), wrapped=True))


def opens_list(text: str) -> bool:
    """Say whether a block is only a label for links or sources, so that what it lists is furniture too."""
    return _LIST_LABEL.fullmatch(text.strip()) is not None


def runs(text: str, start: int, end: int, *, wrapped: bool) -> Iterator[tuple[int, int, bool]]:
    """Part `text[start:end]` at sentence bounds into runs `(start, end, is_furniture)`, ascending."""
    opened: tuple[int, int, bool] | None = None
    for first, last in sentences(text, start, end, wrapped=wrapped):
        is_furniture = _SENTENCE.match(text[first : min(last, first + 400)]) is not None
        if opened is not None and opened[2] == is_furniture:
            opened = (opened[0], last, is_furniture)
            continue
        if opened is not None:
            yield opened
        opened = (first, last, is_furniture)
    if opened is not None:
        yield opened
