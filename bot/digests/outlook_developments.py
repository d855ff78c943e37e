"""Which stories are developments, and what their own sources say of gains and losses.

Pure and by pattern: this is what an outlook has without a model, and what a model is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.digests.markdown_parts import tidy_url
from bot.digests.material import DigestStory
from bot.digests.outlook_record import Consequence, Development
from bot.posts.safety import clean_line, domain_of, safe_url
from bot.summarize.sentences import split_sentences
from bot.summarize.words import content_words, overlap

MAX_CONSEQUENCES = 2
MIN_QUOTE, MAX_QUOTE = 40, 320
SAME = 0.6
MAX_TEXT = 20_000

# What a headline says where something happened: released, found, decided, went wrong.
_HAPPENED = re.compile(
    r"\b(?:releas\w+|launch\w*|announc\w+|introduc\w+|unveil\w*|open[- ]?sourc\w+|publish\w+|"
    r"ship(?:s|ped)|debut\w*|present(?:s|ed)|rolls? out|rolled out|now available|adds?|added|"
    r"propos\w+|develop(?:s|ed)|creat(?:es|ed)|buil(?:ds|t)|train(?:s|ed)|"
    r"beats?|outperform\w*|achiev\w+|reach(?:es|ed)|sets? (?:a )?(?:new )?record|surpass\w*|"
    r"shows?|showed|finds?|found|reveal\w*|demonstrat\w+|improv(?:es|ed)|solv(?:es|ed)|"
    r"acquir\w+|buys|bought|merg(?:es|ed)|rais(?:es|ed)|invests?|invested|fund(?:s|ed)|"
    r"bans?|banned|sues?|sued|fin(?:es|ed)|approv\w+|reject\w*|rules|ruled|pass(?:es|ed)|votes?|"
    r"adopt\w*|requir(?:es|ed)|orders?|ordered|settles?|settled|sign(?:s|ed)|agree(?:s|d)|"
    r"breach\w*|leak\w*|hack\w*|outage|fails?|failed|crash\w*|recall\w*|shut(?:s|ting)? down|"
    r"cuts?|lays? off|laid off|fir(?:es|ed)|resign\w*|quits?|steps? down|hir(?:es|ed)|joins?|"
    r"delay\w*|deprecat\w+|discontinu\w+|remov(?:es|ed)|warns?|warned|"
    r"veröffentlicht|stellt .{1,60} vor|kündigt .{1,60} an|startet|übernimmt|verklagt|verbietet|"
    r"v?\d+\.\d+(?:\.\d+)?)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\?\s*$|^(?:\[[^\]]{1,20}\]\s*)?(?:how|why|what|which|who|when|where|should|is|are|am|does|do|"
    r"did|can|could|would|has anyone|have you|anyone|any|help|looking for|need|advice|"
    r"recommend\w*|best way|eli5|ask)\b",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\b(?:rant|upset\w*|frustrat\w+|annoy\w+|disheartened|tired of|fed up|hate|sick of|unpopular "
    r"opinion|am i the only|struggl\w+|literature on|weekly|daily thread|megathread|hiring|"
    r"newsletter|roundup|podcast|episode)\b",
    re.IGNORECASE,
)
_DISCUSSION = re.compile(r"^\[(?:D|Q|Discussion|Question|Help)\]", re.IGNORECASE)

_GAIN = re.compile(
    r"\b(?:allow(?:s|ing)?|enabl\w+|help(?:s|ing)?|faster|cheaper|improv\w+|benefit\w*|"
    r"reduc\w+ (?:the )?(?:cost|time|error|memory|energy)\w*|sav(?:e|es|ing)|easier|accelerat\w+|"
    r"more efficient\w*|more accurate\w*|gain(?:s|ed)?|opportunit\w+|protect\w*|"
    r"for the first time|ermöglicht|hilft|schneller|günstiger)\b",
    re.IGNORECASE,
)
_LOSS = re.compile(
    r"\b(?:risk\w*|concern\w*|warn\w*|threat\w*|critic\w+|harm\w*|los(?:e|es|ing|s|t)|danger\w*|"
    r"job cuts|lay-?offs?|lawsuit\w*|violat\w+|vulnerab\w+|expos\w+|bias\w*|misus\w+|abus\w+|"
    r"mislead\w*|misinformation|privacy|copyright|unable|no longer|forced? to|may not|"
    r"cannot|fear\w*|costs? more|higher (?:costs?|prices?|fees?|risks?)|"
    r"more expensive|replac(?:e|es|ing) (?:human|work|job)\w*|"
    r"gefahr|risiko|warnt|kritik\w*|verlier\w+)\b",
    re.IGNORECASE,
)
# Who may gain or lose; the words as they stand in the sentence are shown.
_PARTIES = re.compile(
    r"\b(?:(?:small|large|big|rival|young|independent|software|machine learning|open[- ]source|"
    r"medical|public|older|many|some|new|other) )?"
    r"(?:users?|developers?|programmers?|engineers?|researchers?|scientists?|companies|startups?|"
    r"businesses|enterprises|organi[sz]ations|customers?|consumers?|clients|patients?|doctors?|"
    r"clinicians|hospitals?|workers?|employees|employers|people|citizens?|residents?|voters|"
    r"students?|teachers?|schools?|universities|children|parents|artists?|writers?|authors?|"
    r"journalists?|publishers?|creators?|musicians|lawyers?|courts|governments?|regulators?|"
    r"investors?|shareholders|competitors?|rivals?|cities|communities|maintainers?|labs?|teams|"
    r"firms?|start-ups?|\w+makers|operators|drivers?|pilots?|nurses?|soldiers|farmers?|families|nutzer\w*|entwickler\w*|unternehmen|patient\w*|"
    r"forsch\w*)\b",
    re.IGNORECASE,
)
# Where another may be spoken of than before.
_TURN = re.compile(r"[,;:] |\b(?=(?:while|whereas|but|although|however) )", re.IGNORECASE)


def is_development(title: str) -> bool:
    """Whether a headline tells of something that happened, and is no question or complaint."""
    line = clean_line(title)
    if _QUESTION.search(line) or _COMPLAINT.search(line) or _DISCUSSION.match(line):
        return False
    return bool(_HAPPENED.search(line))


def developments(stories: Iterable[DigestStory], *, most: int) -> list[Development]:
    """The stories that are developments, those that most sources cover first, at most `most`."""
    happened = [story for story in stories if is_development(story.view.title)]
    happened.sort(key=_weight, reverse=True)
    found: list[Development] = []
    told: list[frozenset[str]] = []
    for story in happened:
        if len(found) == most:
            break
        words = content_words(story.view.title)
        if all(overlap(words, other) < SAME for other in told):
            told.append(words)
            found.append(_development(story))
    return found


def _weight(story: DigestStory) -> tuple[int, int, float]:
    score = story.submission.score if story.submission else None
    return (len(story.view.coverage), score or 0, story.news_at.timestamp())


def _development(story: DigestStory) -> Development:
    url = tidy_url(story.view.url)
    text_url = tidy_url(story.text_url) or url
    benefits, ramifications = (
        tuple(_quoted(story.text, text_url, *cues))[:MAX_CONSEQUENCES] if text_url else ()
        for cues in ((_GAIN, _LOSS), (_LOSS, _GAIN))
    )
    taken = {(one.quote, one.who) for one in ramifications}
    return Development(
        title=clean_line(story.view.title),
        url=url,
        benefits=tuple(one for one in benefits if (one.quote, one.who) not in taken),
        ramifications=ramifications,
        text=story.text,
        text_url=text_url,
    )


def _quoted(
    text: str, url: str, cue: re.Pattern[str], opposite: re.Pattern[str]
) -> Iterator[Consequence]:
    """Sentences of the source that say so of somebody, word for word."""
    for sentence in split_sentences(text[:MAX_TEXT]):
        line = clean_line(sentence)
        if not MIN_QUOTE <= len(line) <= MAX_QUOTE or line.endswith("?"):
            continue
        party = _concerned(line, cue, opposite)
        if party:
            yield Consequence(
                who=party_name(party), text="", quote=line, site=site_of(url), url=url
            )


def _concerned(line: str, cue: re.Pattern[str], opposite: re.Pattern[str]) -> str | None:
    """Who gains (or loses) by a sentence: who stands in the clause that says so.

    Where nobody does, somebody of another clause, unless that tells of the opposite.
    """
    clauses = _TURN.split(line)
    telling = [clause for clause in clauses if cue.search(clause)]
    others = [clause for clause in clauses if not opposite.search(clause)] if telling else []
    found = (_PARTIES.search(clause) for clause in (*telling, *others))
    return next((party[0] for party in found if party), None)


def party_name(words: str) -> str:
    return words[0].upper() + words[1:]


def site_of(url: str) -> str:
    link = safe_url(url)
    return domain_of(link) if link else ""
