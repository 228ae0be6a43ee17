"""Paragraphs that are not the story: promos, buttons, prompts, and what stands below it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crawler.text.dates.parser import is_date
from crawler.text.fingerprint import fold
from crawler.text.paragraphs import Paragraph
from crawler.text.tidy import tidy

_MAX_SEARCHED = 2_000  # characters in which an outlet's own patterns are looked for
_MAX_CREDIT_PARAGRAPHS = 5  # paragraphs in which a credit may stand
_MIN_PARAGRAPHS = 3  # paragraphs of a story that may end in what is none of it
_ANNOUNCEMENT = re.compile(r".{1,100}[:：]")  # what does not follow: links, a video, a box
_NOBODY = "(?!)"
# What such a note says after the name: en, de, fr, es and pt, it, nl, pl.
_IS = r"(?:is|was|writes|covers|reports|works|ist|schreibt|est|es|é|è|is|jest|@\w+)"
_MAX_FURNITURE = 300  # characters; what is longer is prose, whatever it begins with

# What leads to another story: es, pt, it, fr, de, nl, sv, nb, da, pl, cs, ro, tr, id, vi, ru, uk.
_ALSO = (
    r"(?:lea|lee|leer|vea|mira) (?:también|tambien|además|más|mas)|(?:le|te) puede interesar"
    r"|notas? relacionadas?"
    r"|(?:leia|veja|confira) (?:também|mais)|leggi anche|leggi di più|per approfondire"
    r"|(?:à )?lire (?:aussi|également|plus)|(?:à )?voir aussi"
    r"|(?:lesen|sehen) sie (?:auch|mehr|hier)|lies auch|auch interessant|schon gelesen"
    r"|mehr zum thema|zum thema|weiterlesen|weiterführende links?|weitere artikel"
    r"|das könnte sie auch interessieren|lees (?:ook|meer|verder)|läs (?:också|även|mer)"
    r"|les (?:også|mer)|læs (?:også|mere)|(?:czytaj|zobacz|przeczytaj|sprawdź) (?:także|też|również"
    r"|więcej)|(?:čtěte|přečtěte si) (?:také|i|více)|(?:citește|citiți|vezi) și"
    r"|(?:ayrıca|bunu da) (?:oku|okuyun)|ilgili haber(?:ler)?|baca (?:juga|selengkapnya)"
    r"|(?:xem|đọc) thêm|читайте (?:также|також|ещё|еще)|(?:смотрите|дивіться) (?:также|також)"
    r"|по теме|関連記事|関連ニュース|あわせて読みたい|相关(?:阅读|新闻|报道)"
    r"|延伸(?:阅读|閱讀)|관련 ?기사"
)

# Each matches a whole paragraph, in any case. They are linear: no repetition within repetition.
_FURNITURE = re.compile(
    "|".join(
        (
            # Links to other stories. Without a colon these words may begin a true sentence.
            r"(?:also|see also|must|now)[ -]?(?:read|watch|see)\s*[:|»–—-].*",
            r"(?:also read|read also|see also|must read)",
            r"read\s+(?:also|more|next|in full|full story|the full story)\s*[:|»–—-].*",
            r"read (?:more|also|next|full (?:story|article)|the full (?:story|article|report))"
            r"(?: here| »| >|\.\.\.|…)?[.:!]?",
            r"read\s*[:|].*",
            r"(?-i:(?:ALSO READ|READ ALSO|READ MORE)\b.*)",
            r"(?:related|recommended)(?: (?:stories|articles|posts|news|topics|reading))?:?",
            r"(?:related|recommended)(?: (?:story|stories|articles?|posts?|news))?\s*[:|].*",
            r"(?:previous|prev|next) (?:story|article|post)(?: [»«→←>])?",
            r"you (?:may|might) also (?:like|be interested in):?",
            r"(?:most (?:read|popular|viewed)|trending(?: now)?|don['’]t miss)",
            r"leave a (?:comment|reply)",
            # The same in other languages: alone, or before the title of the other story.
            rf"(?:{_ALSO})\s*(?:[:：|»>–—-].*|[.!?…]*|[^.!?:]{{0,40}}:)",
            r"(?-i:(?:RELATED|REQUIRED READING|WATCH|MIRA|LEA|VEA|VEJA|LEIA|LEGGI)\s*:.*"
            r"|MORE\s*:\s*\S.*)",
            r"\S+@\S+\.\w+(?: \(end\))?",
            r"(?:explore further|stay connected|recommended (?:videos?|by .{1,30}))",
            r"for .{1,60}, click here\.?",
            # What stands below a story.
            r"(?:copyright\s*)?(?:©.*|(?:\(c\)|copyright) ?\d{4}.*)",
            r"this (?:article|document|story|content) is (?:subject to |protected by )?copyright.*",
            r".*\ball rights reserved\.?(?: .{0,100})?",
            r"(?:about the author|über (?:den|die) autor(?:in)?|sobre (?:el|la|o|a) autora?)s?:?",
            r"[—–-]*(?:you can )?(?:contact|e-?mail|reach) .{1,60} at \S{1,60}@.*",
            r"(?:\S+ ){1,6}(?:may|can) be (?:reached|contacted) (?:at|via) \S{1,60}@.*",
            r"(?:have a|got a|send us a?) (?:news )?(?:tips?|story)\b ?(?:tip)?\?.*",
            r"get in touch with (?:our|the) (?:news|web).*",
            r"for more (?:stories|news|on|like|of our)\b.{0,60}\b(?:check|visit|click|see)\b.*",
            # Advertising.
            r"(?:publicité|publicidade?|pubblicità|werbung|anzeige|reklama?|реклама|广告|廣告|広告):?",
            r"[-–—\s]*(?:advertisements?|ads?|(?:sponsored|promoted)(?: content)?)[-–—\s:]*",
            r"advertisement\s*[-–—.:]+\s*(?:scroll|story|article|continue).*",
            r"(?:story|article|report|video)? ?continues? (?:reading )?(?:below|after)"
            r"(?: (?:this |the )?(?:ad|ads|advert|advertisements?|video|promotion))?[.:]?",
            # Consent to what is embedded.
            r"(?:empfohlener (?:redaktioneller|externer) inhalt|ich bin (?:damit )?einverstanden,"
            r" dass (?:mir|mein).*|an dieser stelle (?:finden sie|befindet sich) .*\binhalt\b.*)",
            r"scroll (?:down )?(?:to continue|for more)(?: reading)?[.:]?",
            # Who wrote a post that is embedded, and when.
            r"[—–-] ?.{1,80} \(@\w{1,30}\).{0,40}",
            # Reading time and buttons.
            r"(?:reading time\s*[:|-]?\s*)?(?:\d{1,3}|one|a)[ -]?min(?:ute)?s?\.?(?: of)?[ -]?read"
            r"(?:ing)?(?: time)?",
            r"(?:estimated )?reading time\s*[:|-]?\s*\d{1,3} ?min(?:ute)?s?\.?",
            # When it was published: a date after one of these words, and no sentence.
            r"(?:(?:last |first )?(?:updated?|modified|published|posted)|aktualisiert"
            r"|veröffentlicht|stand|actualizado|publicado|aggiornato|pubblicato|mis à jour|publié"
            r"|güncelleme|обновлено|опубликовано)\b[^!?]{0,40}\b\d{4}\b[^.!?]{0,20}",
            r"(?:go|back|return|scroll) to ?(?:the )?top",
            r"(?:click|tap) here (?:to|for) .*",
            r"(?:möchten sie )?(?:(?:den|diesen) )?(?:artikel|beitrag) teilen[?:]?",
            r"(?:teilen (?:mit|auf)|compartir en|partager sur|condividi su|udostępnij)\b.{0,30}",
            # Pictures: a credit or a label that lost its picture.
            r"\(?(?:file )?(?:photo|image|picture|pic)s?(?: ?(?:credits?|courtesy|source))?"
            r"\s*[:|/]\s*.{1,100}",
            r"\(?file (?:photo|image|picture|pic)\)?",
            r"\(?(?:fotos?|bild(?:er)?|crédits? photos?|imagen|imagem|zdjęcie|фото)\s*[:/©].{1,99}",
            r"\(?(?:photo|image) (?:by|courtesy)(?: of)? .{1,60}",
        )
    ),
    re.IGNORECASE,
)
# Prompts are sentences, so one that reports what somebody said is kept.
_PLACES = (
    r"(?:facebook|twitter|x|instagram|threads|bluesky|mastodon|linkedin|youtube|telegram|whatsapp"
    r"|tiktok|google news|social media|flipboard)"
)
_PROMPT = re.compile(
    "|".join(
        (
            r"(?:please |to )?subscribe (?:to|for|now|today|here)\b.*",
            r"(?:please )?(?:sign up|register) (?:to|for|here)\b.*\b(?:newsletters?|alerts?"
            r"|updates?|inbox|briefings?|e-?mails?)\b.*",
            r"(?:get|receive) .*\b(?:newsletters?|(?:in|to) your inbox|breaking news alerts)\b.*",
            rf"(?:please )?(?:follow|like|join|find|connect|stay connected)\b.*\b{_PLACES}\b.*",
            r"(?:please )?(?:follow|like|join|find) us(?: (?:on|at|via|here)\b.*|[.:!]?)",
            r".*\bwe(?:['’]d| would) (?:like|love) to hear (?:from you|what you think)\b.*",
            r"want .{1,80}\b(?:inbox|newsletters?)\b.*",
            r"(?:reach|contact) .{1,60} on (?:twitter|x)\b.*",
            r"(?:follow .{1,30} (?:full )?coverage\b.*|more .{1,30}[:,]) (?:at )?https?://\S+",
            r"(?:for the latest|never miss)\b.*\b(?:sign(?:ing)? up|subscribe|download|follow)\b.*",
            r"(?:download|get|install) (?:our|the) .{0,60}\bapp\b.*",
            r"support (?:our|independent) journalism\b.*",
            # Paywalls.
            r"this (?:article|story|content|page) is (?:only |exclusively |free )?"
            r"(?:for|available to|reserved for|accessible to) (?:our )?(?:registered |paying )?"
            r"(?:subscribers|members|users|readers)\b.*",
            r"(?:to|please) (?:continue|keep|go on) reading(?: this \w{1,20})?(?:[.:!…]{0,3}|,?"
            r" (?:please |you )?"
            r"(?:subscribe|sign|log|register|take out|buy|become|join|create|start)\b.*)",
            r"already (?:an? )?(?:subscribe[rd]|member|registered|have an account)\b[^.?!]{0,30}\?"
            r".{0,40}",
            r"you can cancel (?:at )?any ?time\b.*",
            r"unlimited (?:digital )?access to (?:all|every|our|the)\b[^.!?]{0,60}",
        )
    ),
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|added|adds|reported|announced|wrote|according to)\b", re.IGNORECASE
)
# A bar of share buttons is made of these words, one of the second set among them.
_BUTTON_WORDS = frozenset(
    "share this article story post news page on via with by to a link it your friends in new window"
    " opens click open facebook messenger twitter x whatsapp linkedin telegram reddit pinterest"
    " tumblr threads bluesky email e mail print tweet copy pin flipboard pocket more".split()
)
_BUTTONS = frozenset(
    "share tweet facebook twitter whatsapp linkedin telegram reddit pinterest email print copy"
    " pin".split()
)
_MAX_BAR_WORDS = 14  # words


@dataclass(slots=True)
class CleanedBody:
    """The paragraphs of a body after cleaning, and those taken out, both in order."""

    body: list[Paragraph] = field(default_factory=list)
    dropped: list[Paragraph] = field(default_factory=list)


def clean_body(
    paragraphs: Iterable[Paragraph],
    *,
    drop: Sequence[str] = (),
    cut: Sequence[str] = (),
    title: str = "",
    authors: Sequence[str] = (),
) -> CleanedBody:
    """Take paragraphs out of a body that are not the story.

    Args:
        paragraphs: the body as read, or the lines of a whole page.
        drop: patterns (any case); a paragraph in which one is found is dropped.
        cut: patterns (any case) of whole paragraphs at which the story is over, except before
            its first paragraph.
        title: of the story; a paragraph that only repeats it is dropped.
        authors: of the story; last paragraphs that tell who they are are dropped.
    """
    drops = [re.compile(pattern, re.IGNORECASE) for pattern in drop]
    cuts = [re.compile(pattern, re.IGNORECASE) for pattern in cut]
    folded_title = fold(tidy(title))
    cleaned = CleanedBody()
    over = False
    for raw, kind in paragraphs:
        text = tidy(raw)
        if not text:
            continue
        ends = len(text) <= _MAX_FURNITURE and any(pattern.fullmatch(text) for pattern in cuts)
        over = over or (ends and bool(cleaned.body))
        if (
            over
            or ends
            or is_furniture(text)
            or any(pattern.search(text[:_MAX_SEARCHED]) for pattern in drops)
            or (len(text) <= 2 * len(title) and fold(text) == folded_title)
            or (not cleaned.body and is_date(text))
        ):
            cleaned.dropped.append(Paragraph(text, kind))
        else:
            cleaned.body.append(Paragraph(text, kind))
    about = re.compile(rf"(?:{'|'.join(map(re.escape, authors)) or _NOBODY}),? {_IS}\b")
    while len(cleaned.body) > _MIN_PARAGRAPHS and (
        about.match(cleaned.body[-1].text) or _ANNOUNCEMENT.fullmatch(cleaned.body[-1].text)
    ):
        cleaned.dropped.append(cleaned.body.pop())
    return cleaned


def is_furniture(paragraph: str) -> bool:
    """Tell whether a (tidied) paragraph is, as a whole, part of the page and not of a story."""
    if len(paragraph) > _MAX_FURNITURE:
        return False
    if _FURNITURE.fullmatch(paragraph):
        return True
    if _PROMPT.fullmatch(paragraph.strip("*[]()•> ")) and not _REPORTED.search(paragraph):
        return True
    if paragraph.count(" ") >= 2 * _MAX_BAR_WORDS:
        return False
    words = re.findall(r"\w+", paragraph.lower())
    return (
        len(words) <= _MAX_BAR_WORDS
        and not _BUTTONS.isdisjoint(words)
        and _BUTTON_WORDS.issuperset(words)
    )


def move_credit(
    paragraphs: Sequence[Paragraph], pattern: str
) -> tuple[list[Paragraph], str | None, str | None]:
    """Find the credit and the dateline of a story by the outlet's pattern.

    Args:
        pattern: as `crawler.outlet.Selectors.credit`: with the group ``credit`` and perhaps
            ``dateline``; case matters in it.

    Returns:
        The paragraphs, the credit and the dateline. A match at the start of the first paragraph
        is taken out of it; one elsewhere is only copied.
    """
    kept = list(paragraphs)
    if not pattern:
        return kept, None, None
    for index, paragraph in enumerate(kept[:_MAX_CREDIT_PARAGRAPHS]):
        if match := re.search(pattern, paragraph.text[:_MAX_SEARCHED]):
            if index == 0 and match.start() == 0:
                kept[0] = paragraph._replace(text=paragraph.text[match.end() :].lstrip())
            groups = match.groupdict()
            credit, dateline = (tidy(groups.get(name) or "") for name in ("credit", "dateline"))
            return [part for part in kept if part.text], credit or None, dateline or None
    return kept, None, None
