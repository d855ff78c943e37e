"""Telling the lines around an article from the article: by their words alone, without the page."""

from __future__ import annotations

import re

from bot.summarize.language import word_set

# A line with more words than this is somebody's prose, whatever it begins with.
LONGEST_FURNITURE_WORDS = 28

_WHOLE_LINE = re.compile(
    r"""(?:
    (?:\(?\d+\)?\s*)?(?:comments?|komment(?:are|ar)|commentaires?|comentários?|comentarios?
        |commenti|комментарии|コメント|댓글)
        (?:\s*\(\s*\+?\d*\s*\))?
    |(?:post|leave|add|write|view|show|hide|load|no|join\sthe)\s(?:a\s|all\s|more\s)?(?:comments?
        |reply|replies|conversation)\b.{0,20}
    |(?:tags?|topics?|categor(?:y|ies)|keywords?|filed\sunder|posted\sin|labels?|schlagw[öo]rter
        |étiquettes|etiquetas)\s*(?::.*)?
    |(?:share|tweet|print|email|e-mail|copy\slink|save|pin\sit|like|follow|facebook|twitter
        |linkedin|whatsapp|reddit|pinterest|telegram|x)
    |(?:teilen|drucken|partager|compartir|compartilhar|condividi|delen|dela|udostępnij|paylaş
        |поделиться|シェア|공유)
    |advertise?ment|ad|anzeige|werbung|publicité|publicidade?|pubblicità|reklam[ae]?|реклама|広告
    |广告|광고|sponsored(?:\scontent)?
    |(?:article\s|story\s)?continues\s(?:after|below)\b.{0,30}
    |scroll\s(?:down\s)?(?:for|to)\b.{0,30}
    |review|news|analysis|opinion|by|menu|search|home|next|previous|back(?:\sto\stop)?|top|close
    |skip\sto\b.{0,20}
    |(?:photo|image|picture|video)(?:\sgallery)?|watch(?:\snow|\slive)?|listen(?:\snow)?
    |loading\W*
    |related(?:\s(?:posts?|articles?|stories|news|topics|content|reading|links|coverage|videos?))?
    |\d+\s(?:min(?:ute)?s?)(?:\sread)?|(?:reading|read)\stime\b.{0,20}
    |\d+(?:[.,]\d+)?k?\s(?:views?|shares?|likes?)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BEGINS = re.compile(
    r"""(?:
    (?:read|see|learn|find\sout|discover|watch)\s(?:more|also|next|the\sfull)\b(?!\w)
    |(?:also|must)[-\s](?:read|see|watch)\b|further\sreading\b|don['’]?t\smiss\b
    |you\s(?:may|might)\s(?:also\s)?(?:like|enjoy|be\sinterested)
    |(?:related|recommended|more\sfrom|more\son|more\sabout|more\sstories|more\snews
        |most\sread|up\snext|editor['’]s\spicks?)\b\s*(?::|$|\w+(?:\s\w+){0,4}$)
    |(?:popular|trending)\s(?:posts|stories|articles|now|on)\b.{0,30}$
    |related\s*:|click\shere\b|tap\shere\b|(?:please\s)?(?:subscribe|sign\sup|sign\sin|log\sin
        |register)\s(?:to|for|now|today|here|with|in)\b
    |(?:get|receive)\s(?:the|our|all|more)\b.{0,60}\b(?:inbox|newsletter|e-?mails?)\b
    |join\s(?:our|the|over|\d[\d,.]*)\b.{0,60}\b(?:newsletter|subscribers|mailing\slist|readers
        |community|discord|telegram)\b
    |follow\s(?:us|me|our)\b|follow\s.{1,40}\son\s(?:twitter|x|facebook|instagram|linkedin|google
        |youtube|bluesky|mastodon|threads)\b
    |(?:share|tweet|email|print|bookmark)\s(?:this|on|via|with|to)\b
    |(?:like|find)\sus\son\b|enjoy(?:ed|ing)?\sthis\b.{0,60}(?:subscribe|share|newsletter)
    |(?:photo|image|picture|illustration|graphic|video|foto|bild|crédit|credit)s?\s*(?:by
        |credits?|courtesy|source|:|/|via|©)
    |(?:first\s)?(?:published|updated|posted|last\s(?:updated|modified))\b(?:\son|\sat|\s?:
        |\s?\|)?\s(?:\w+\.?,?\s){0,2}\d
    |(?:we|this\s(?:web)?site)\s(?:and\sour\spartners\s)?uses?\scookies?\b
    |by\s(?:continuing\sto\s(?:use|browse|visit)|clicking)\b|accept\s(?:all\s)?cookies
    |cookie\s(?:policy|settings|preferences|notice|consent)
    |(?:the\spost\b.*\b(?:appeared\sfirst\son|first\sappeared\son)\b)
    |(?:this\s)?(?:article|story|post)\s(?:was\s)?(?:originally|first)\s(?:published|appeared)
    |(?:mehr\szum\sthema|lesen\ssie\sauch|auch\sinteressant|weiterlesen|jetzt\sabonnieren)\b
    |newsletter\W*$
    |(?:lire\s(?:aussi|la\ssuite|plus)|à\slire\saussi|voir\saussi|abonnez-vous|inscrivez-vous)\b
    |(?:leer?\s(?:también|más)|lee\stambién|ver\stambién|suscríbe|te\spuede\sinteresar)
    |(?:leia\s(?:também|mais)|veja\stambém|saiba\smais|assine)\b
    |(?:leggi\sanche|leggi\stutto|lees\s(?:ook|verder|meer)|läs\s(?:också|mer|även)|læs\sogså
        |les\sogså|czytaj\s(?:też|także|więcej)|zobacz\s(?:też|także))\b
    |(?:читайте\sтакже|читать\sдалее|смотрите\sтакже|подпис(?:аться|ывайтесь))
    |(?:関連記事|あわせて読みたい|続きを読む|相关阅读|相关新闻|延伸阅读|阅读更多|관련기사|관련\s기사)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_TAIL_HEADING = re.compile(
    r"""(?:you\s(?:may|might)\s(?:also\s)?(?:like|enjoy|be\sinterested)
        |(?:related|recommended|more)\s(?:posts?|articles?|stories|news|reading|topics|content
        |for\syou|from\b|on\b|like\sthis)
    |don['’]?t\smiss|read\s(?:next|more|also)|most\s(?:read|popular)|up\snext
    |leave\sa\s(?:comment|reply)|(?:\d+\s)?(?:comments|responses|replies)\b(?!\s\w)|tags?\b\s*:?$
    |share\sthis
    |about\sthe\sauthors?|filed\sunder|(?:mehr\szum\sthema|lesen\ssie\sauch|à\slire\saussi
        |lire\saussi|leia\stambém|lea\stambién|leggi\sanche|lees\sook|читайте\sтакже|関連記事|相关阅读
    |관련기사)
    ).{0,40}""",
    re.VERBOSE | re.IGNORECASE,
)
# An article's last lines often are such; they are part of it, but never what it says.
_NOTICE = re.compile(
    r"all rights reserved|^\W*copyright\b|©|^\(c\) ?\d{4}"
    r"|may not be (?:published|reproduced|redistributed)"
    r"|無断転載|저작권자|무단전재|版权所有|转载请注明|alle rechte vorbehalten|tous droits réservés"
    r"|\bis headquartered in\b|\bforward-looking statements\b"
    r"|\b(?:press|media) (?:contact|inquiries)\b"
    r"|^(?:fig(?:ure|\.)?|table|chart|exhibit|abb(?:ildung|\.)?|図|图|表) ?\d+[.:：|]"
    r"|\b(?:solid|dashed|dotted|shaded) (?:lines?|areas?|bars?)\b|^(?:an )?illustration of\b"
    r"|\bcontributed to this (?:report|article|story)\b|(?:article|story) has been adapted from",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:(?:written|posted|edited|reported|reviewed|published|story)\s)?(?:by|von|par|por|di|door|av)\s",
    re.IGNORECASE,
)
_LONGEST_BYLINE_WORDS = 12
_NAME_LINKS = word_set("and & und et y e i och en de da di von van der la el")
_MONTH = r"(?:jan|feb|m[aä]r|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[\w.]*"
_DATE_LINE = re.compile(
    rf"""(?:[^\W\d_]+(?:-feira)?,\s*|(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\s)?
    (?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}
        |\d{{1,2}}\.?\s(?:de\s)?{_MONTH}\s(?:de\s)?\d{{4}}|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}
    |\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}})
    (?:[\s,|•·@-]*(?:at\s|às\s
        |um\s)?\d{{1,2}}[:h.]\d{{2}}(?::\d{{2}})?\s?(?:[ap]\.?m\.?)?\s?(?:[A-Z]{{2,4}}|uhr)?)?""",
    re.VERBOSE | re.IGNORECASE,
)
_STAMP = re.compile(r"\b(?:updated|published|posted)\s*:\s*(?:\w+\s)?\d", re.IGNORECASE)
_STAMP_START = re.compile(
    r"(?:기사입력|입력|등록|발행일|掲載日|公開日|更新日|発表日|发布时间|发布于|来源|опубликовано)\s*[:：]",
    re.IGNORECASE,
)


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page and not to the article on it.

    Prompts to read on, subscribe, share or accept, credits, bylines and date stamps, in the
    languages of most feeds. Long lines never are.
    """
    line = line.strip().strip("|*_ ").lstrip("-–—•»>▶► ").strip()
    words = len(line.split())
    if not line or words > LONGEST_FURNITURE_WORDS:
        return not line
    bare = line.rstrip(" .:!…»>→›")
    return bool(
        _WHOLE_LINE.fullmatch(bare)
        or _BEGINS.match(line)
        or _STAMP_START.match(line.lstrip("[( "))
        or (words <= _LONGEST_BYLINE_WORDS and _STAMP.search(line))
        or is_byline(line)
    )


def is_notice(line: str) -> bool:
    """Whether a line is a legal notice, a company's boilerplate or a figure's caption."""
    return bool(_NOTICE.search(line))


def is_byline(line: str) -> bool:
    """Whether a line names who wrote it, or when, and nothing else."""
    bare = line.strip().rstrip(".")
    if _DATE_LINE.fullmatch(bare):
        return True
    by = _BY.match(bare)
    names = re.split(r"[\s,|/•·–—-]+", bare[by.end() :]) if by else []
    return 0 < len(names) <= _LONGEST_BYLINE_WORDS and all(map(_is_of_name, names))


def _is_of_name(word: str) -> bool:
    return not word[:1].islower() or word in _NAME_LINKS


def opens_tail(line: str) -> bool:
    """Whether a line is the heading of what pages append: related stories, comments, tags."""
    bare = line.strip().strip("|*#_ ").rstrip(" .:!…»>→")
    return len(bare.split()) <= 8 and bool(_TAIL_HEADING.fullmatch(bare))
