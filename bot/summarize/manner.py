"""How a sentence speaks: it tells news, or greets, advertises, asks and points elsewhere."""

from __future__ import annotations

import re

from bot.summarize.language import word_set
from bot.summarize.sentences import BlockKind, Sentence
from bot.summarize.words import Words, content_words

LEAN = 0.2

_NEWS = content_words(
    """announce announces announced launch launched launching releases released introduces
    introducing unveil unveiled acquires acquired raises raised reported reports confirmed
    reveals published available agreed found achieves outperforms sued fined approved banned
    died won record plans today kündigt stellte veröffentlicht annonce lance lancé anuncia
    anunció lança presenta
    発表 公開 発売 发布 推出 宣布 발표 출시"""
)
_NUMBER = re.compile(r"\d")
# What a post says about itself, what it asks of its reader, what it says to be polite.
_TALK = re.compile(
    r"""(?:
    \b(?:in|with)\sthis\s(?:blog\s)?(?:post|article|tutorial|guide|piece|newsletter|video|episode
        |section|essay|week['’]s\s(?:issue|edition))\b
    |\b(?:we|i)(?:['’]ll|\swill|['’]re\sgoing\sto|\sare\sgoing\sto|\swant(?:ed)?\sto
        |['’]d\slike\sto)\s(?:look|explore|walk|discuss|cover|show\syou|explain|dive|share
    |go\sover|talk|take\sa\slook)\b
    |\b(?:read|click|tap|see|check|watch|listen|download|visit|subscribe|sign\sup|follow|join
        |learn\smore|find\sout)\b.{0,60}\b(?:here|below|above
    |our\s(?:newsletter|blog|website|channel|docs|guide)|full\s(?:story|article|report|paper))\b
    |\b(?:read|learn|find\sout)\smore\b|\bstay\stuned\b|\bsubscribe\b
    |\b(?:our|this|my|weekly|daily|free)\snewsletter\b|\b(?:uses?|accept|of)\scookies\b
    |\blet['’]s\s(?:dive|get\sstarted|take\sa\slook|begin|explore)
    |\bwelcome\s(?:back|to)\b|\bhappy\s(?:monday|tuesday|wednesday|thursday|friday|holidays)\b
    |\bgood\s(?:morning|afternoon|evening)\b|^(?:hi|hello|hey)\b
    |\bthanks?\s(?:you\s)?(?:to|for)\b.{0,40}\b(?:reading|subscribing|joining|sponsor\w*
        |feedback)|\bwe['’](?:re|ve)\sbeen\shard\sat\swork\b
    |\b(?:photo|image)\s(?:credit|by|courtesy)\b|\baffiliate\b|\ball\srights\sreserved\b
    |\bappeared\sfirst\son\b
    |\b(?:details|more\sinformation)\scan\sbe\sfound\b
    |\bcontact\sus\b|\bget\sin\stouch\b|\bhelp\scent(?:er|re)\b|\btable\sof\scontents\b
    |\bthis\s(?:post|article)\s(?:is|was|will|explains|describes|covers)\b
    |\bin\sdiesem\s(?:artikel|beitrag)\b|\bdans\scet\sarticle\b|\ben\seste\sart[ií]culo\b
    |\bneste\sartigo\b|この記事では|本記事では|本文将
    |\bhttps?://\S+$|\bpic\.twitter\.com|^—\s
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# One of these words is in everything that the pattern finds; looking them up costs a tenth of it.
_TALK_WORDS = content_words(
    """post article tutorial guide piece newsletter video episode section essay issue edition look
    explore walk discuss cover show explain dive share go talk take here below above blog website
    channel docs full read learn find stay subscribe cookies begin get welcome happy good hi hello
    hey thank thanks photo image affiliate reserved appeared contact touch help table details
    information artikel beitrag article artículo articulo artigo https http twitter hard
    記事 本文"""
) | word_set("hi go")
# Such a start leans on the sentence before it, which the summary may not have.
_LEANS = re.compile(
    r"""(?:it|they|he|she|this|that|these|those|them|his|her|its|their|such|but|and|or|so|yet|also
    |however|instead|meanwhile|moreover|furthermore|additionally|still|then|therefore|thus
    |for\s(?:example|instance)|in\saddition|as\sa\sresult|in\sfact|indeed|of\scourse
    |er|sie|es|dies(?:e|er|es)?|aber|doch|und|il|elle|ils|cela|mais|ello|pero|sin\sembargo
    |ele|ela|isso|mas)\b|これ|それ|しかし|また|但|这|而且""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«„「']")
_TALK_START_CHARS = 40
_SHORT_CHARS = 40
_LONG_CHARS = 260
# A Chinese or Japanese character says as much as two and a half Latin ones.
_DENSITY = 2.5


def manner(sentence: Sentence, words: Words) -> float:
    """What a sentence's manner adds to its worth, mostly below zero."""
    text = sentence.text
    value = 0.12 if words & _NEWS else 0.0
    if _NUMBER.search(text):
        value += 0.06
    if _talks_at(text, words) >= 0:
        value -= 0.5
    if leans(sentence):
        value -= LEAN
    if _QUOTED.match(text):
        value -= 0.25
    if text.endswith(("?", "？", "!", "！", ":", "：")):
        value -= 0.35
    if sentence.kind is BlockKind.ITEM:
        value -= 0.35
    return value - _length_penalty(text)


def is_talk(sentence: Sentence, words: Words) -> bool:
    """Whether it begins by speaking of the post itself, greets, or sends the reader elsewhere."""
    return 0 <= _talks_at(sentence.text, words) < _TALK_START_CHARS


def _talks_at(text: str, words: Words) -> int:
    found = _TALK.search(text) if text.startswith("—") or words & _TALK_WORDS else None
    return found.start() if found else -1


def leans(sentence: Sentence) -> bool:
    """Whether it begins with a word that points back to the sentence before it."""
    return bool(_LEANS.match(sentence.text))


def _length_penalty(text: str) -> float:
    length = len(text) * (_DENSITY if " " not in text and not text.isascii() else 1)
    return 0.5 if length < _SHORT_CHARS else max(0.0, (length - _LONG_CHARS) / 400)
