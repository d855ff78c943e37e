"""The tails that feed software hangs below every entry.

They say nothing of the entry, they make entries of one site alike (which misleads clustering), and
some of them change without an edit.
"""

from __future__ import annotations

import re

_MAX_TAILS = 6
_WINDOW = 600
_MAX_LINE = 160

# "The post <title> appeared first on <site>.", as WordPress writes it: how it begins, and goes on.
_ORIGINS = (
    ("appeared first on", ("the post ", "the article ")),
    ("first appeared on", ("the post ", "the article ", "this post ", "this article ")),
    ("first published on", ("this post ", "this article ", "the post ")),
    ("erschien zuerst auf", ("der beitrag ",)),
    ("est apparu en premier sur", ("l’article ", "l'article ")),
    ("se publicó primero en", ("la entrada ",)),
    ("aparece primero en", ("la entrada ",)),
    ("proviene da", ("l’articolo ", "l'articolo ")),
    ("apareceu primeiro em", ("o post ",)),
    ("verscheen eerst op", ("het bericht ",)),
    ("pojawił się pierwszy raz", ("artykuł ", "wpis ")),
    ("dök först upp på", ("inlägget ",)),
    ("впервые появ", ("запись ", "сообщение ")),
    ("where people are continuing the conversation", ("",)),  # Medium: the whole line
)
_SENTENCE_ENDS = (". ", "! ", "? ", "… ", "” ", '" ', "» ", ") ", "] ")
_INVITATION = re.compile(
    r"""
      \[?(?:
        (?:click\ (?:here\ )?to\ )?(?:read|keep|continue|see|view)
          \ (?:on|reading|more|(?:the\ )?(?:full|whole|rest|entire))(?:\ [^.!?\n]{0,80})?
      | continue | read\ (?:it|article|post|story|on) | more(?:\ info(?:rmation)?)?
      | \d*\ ?comments? | permalink | weiterlesen | mehr\ (?:lesen|erfahren) | lire\ la\ suite
      | en\ savoir\ plus | leer\ más | seguir\ leyendo | leggi\ tutto | continua\ a\ leggere
      | leia\ mais | lees\ (?:meer|verder) | läs\ mer | czytaj\ (?:dalej|więcej)
      | читать\ (?:далее|полностью) | 阅读更多 | 阅读全文 | 閱讀更多 | 続きを読む | もっと読む
      | 더\ 보기
      )\ ?(?:…|\.{3}|→|»|›|>+|➜|⟶|\.)*\]?
    | submitted\ by\ /?u/\S+(?:\ to\ /?r/\S+)?(?:\s*\[(?:link|comments)\])*
    | (?:\[link\]|\[comments\]|\s)+
    | article\ url:\ \S+ | comments\ url:\ \S+ | points:\ \d+ | \#\ comments:\ \d+
    """,
    re.IGNORECASE | re.VERBOSE,
)
_STARTS = (
    *("read", "continue", "keep", "see", "view", "click", "more", "comment", "permalink", "weiter"),
    *("mehr", "lire", "en savoir", "leer", "seguir", "leggi", "continua", "leia", "lees", "läs"),
    *("czytaj", "читать", "阅读", "閱讀", "続き", "もっと", "더", "submitted", "[", "article url"),
    *("points", "#", " ", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
)
_CUT_MARK = re.compile(r"\s*(?:…\s*)?[\[(](?:…|\.{3,})[\])]\s*\Z")


def without_tail(text: str) -> str:
    """The text without its feed software's last words; a mark of cutting becomes `…`."""
    for _ in range(_MAX_TAILS):
        shorter = _without_one(text)
        if shorter is None:
            break
        text = shorter
    return text


def _without_one(text: str) -> str | None:
    start = text.rfind("\n", len(text) - _WINDOW if len(text) > _WINDOW else 0) + 1
    line = text[start:] if start else text[-_WINDOW:]
    start = len(text) - len(line)
    cut = _invitation(line)
    if cut is None:
        cut = _origin(line)
    if cut is not None and (cut or start == 0 or text[start - 1] == "\n"):
        return text[: start + cut].rstrip()
    if line.endswith(("]", ")")) and (mark := _CUT_MARK.search(line)):
        return text[: start + mark.start()] + "…"
    return None


def _invitation(line: str) -> int | None:
    """Where "Read more →" begins: the whole line, or its last sentence."""
    if not line:
        return None
    if len(line) <= _MAX_LINE and _invites(line, 0):
        return 0
    sentence = max(line.rfind(end, max(0, len(line) - _MAX_LINE)) for end in _SENTENCE_ENDS)
    if sentence < 0:
        return None
    position = sentence + 2
    return position if _invites(line, position) else None


def _invites(line: str, position: int) -> bool:
    # The first letters tell nearly always; the whole pattern costs ten times as much.
    start = line[position : position + 12].lower()
    return start.startswith(_STARTS) and _INVITATION.fullmatch(line, position) is not None


def _origin(line: str) -> int | None:
    """Where "The post … appeared first on …" begins."""
    low = line.lower()
    if len(low) != len(line):  # a letter that grows in lower case moves all positions
        return None
    for phrase, beginnings in _ORIGINS:
        if phrase in low:
            end = low.rfind(phrase)
            starts = (low.rfind(beginning, 0, end) for beginning in beginnings)
            return min((start for start in starts if start >= 0), default=None)
    return None
