"""A cheap guess at the language of a text: by its script, else by its commonest small words."""

from __future__ import annotations

import re
from collections import Counter

# More text makes the guess slower, hardly better.
SAMPLE_CHARS = 1_500
MIN_HITS = 2
# The winner must own this share of the sample's words: names and code have no small words.
MIN_SHARE = 0.08


def word_set(words: str) -> frozenset[str]:
    """The words of a list written out with spaces and line ends between them."""
    return frozenset(words.split())


STOP_WORDS: dict[str, frozenset[str]] = {
    language: word_set(words)
    for language, words in {
        "en": """a about after all also an and any are as at be because been but by can could did do
            for from had has have he her his how i if in into is it its just like more most new no
            not now of on one only or our out over said she so some than that the their them then
            there these they this those to up us was we were what when where which who will with
            would you your""",
        "de": """aber als am an auch auf aus bei das dass dem den der des die durch ein eine einem
            einen einer es für haben hat ich ihr im in ist kann mehr mit nach nicht noch nur oder
            sein sich sie sind über um und unter vom von vor war was werden wie wird wir wurde zu
            zum zur""",
        "fr": """à au aussi aux avec c ce ces cette comme d dans de des deux du elle en est et été
            être fait il ils j je l la le les leur lui mais ne nous on ont ou où par pas plus pour
            qu que qui s sa se ses son sont sur un une vous y""",
        "es": """a al como con cuando de del desde dos el ella en entre era es esta este esto fue ha
            han hay la las le lo los más muy no nos o para pero por porque que se según ser si sin
            sobre son su sus también todo un una uno y ya""",
        "it": """a ai al alla anche che chi come con da dal dalla degli dei del della delle di dopo
            due e è gli ha hanno i il in io la le lo loro ma nei nel nella non o per perché più
            quando questa questo se si sono stato su sua sul sulla suo tra un una uno""",
        "pt": """a ao aos as até com como da das de do dos e é ela ele em entre era essa este eu foi
            já mais mas muito na não nas no nos o os ou para pela pelo por qual quando que se sem
            ser seu são também tem um uma você""",
        "nl": """aan al als bij dan dat de deze die dit door een en er had heeft het hij hoe ik in
            is je kan maar meer met naar niet nog of om onder ook op over te tot uit van veel voor
            was wat we wel werd worden wordt ze zich zijn zo""",
        "sv": """alla att av blev de den det där efter eller en ett finns från för ha han har hon i
            inte jag kan man med men mer mot när och om oss på samt sedan sig sin ska som till
            under upp ut var vi vid är över""",
        "da": """af alle at blev de den der det efter eller en er et for fra få han har havde hun i
            ikke jeg kan man med men mere mod når og også om os på sig sin skal som til ud ved vi
            vil være været""",
        "no": """alle at av ble de den der det eller en er et etter for fra få ha han har hun i ikke
            jeg kan man med men mer mot noe når og også om opp oss på seg sin skal som til ut ved
            vi vil være vært""",
        "pl": """a ale być był była co czy dla do gdy go i ich jak jako jego jej jest jeszcze już
            który która które ma między może na nie o od oraz po pod przez przy są się tak także
            tego ten to tylko w we więc z za ze że""",
        "tr": """ama ancak bir bu çok da daha de değil diye en gibi göre hem her için ile ise kadar
            ki mi ne o olan olarak oldu olduğu son sonra şu tarafından üzere var ve veya ya yeni""",
        "cs": """a aby ale ani až bude být by byl byla co do i ještě jak jako je jeho jejich jen již
            k kde když která které který má může na nebo než o od po podle pro při s se si jsou ta
            tak také to u už v ve z za že""",
        "ro": """a acest această ai al ale am au ca care ce cu că da de despre din după el este fi
            fost iar în la lui mai nu o pe pentru prin sa sau se sunt și să un una unei unor va""",
        "fi": """ei että hän ja jo joka jos kanssa kuin kun me mukaan mutta myös niin nyt ole oli on
            ovat se sekä sen siitä tai tämä tämän vain voi""",
        "hu": """a az azt csak de egy és ez ezt hogy is jó kell ki lehet még meg mert mint már nem ő
            olyan pedig s sem szerint től után vagy van volt""",
        "id": """ada adalah akan atau bagi bahwa bisa dalam dan dari dengan di hanya ini itu juga
            karena ke kepada lebih mereka oleh pada para saat sebagai sudah telah tersebut tidak
            untuk yang""",
        "vi": """anh bị các cách cho có của cũng đã để đến được hai khi không là làm một này người
            nhiều những như ở ra sau sẽ tại theo thì trên trong từ và vào về với""",
    }.items()
}

_LETTERS = {
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "ja": re.compile("[\u3041-\u30fa\u30fd-\u30ff]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u052f]"),
    "ar": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
# Letters that only one language of a script uses, looked for in this order.
_TELLING = {
    "ru": (("uk", re.compile("[іїєґ]")), ("ru", re.compile("[ыэё]")), ("bg", re.compile("ъ"))),
    "ar": (("ur", re.compile("[ٹڈڑے]")), ("fa", re.compile("[پچژگ]"))),
}
_WORD = re.compile(r"[^\W\d_]+")
_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|https?://\S+|[\w.+-]+@[\w.-]+", re.DOTALL)


def guess_language(text: str) -> str | None:
    """The two-letter code of the text's language, or None where nothing speaks for one.

    Looks at the first `SAMPLE_CHARS` characters of prose. Close relatives (Danish and Norwegian)
    are told apart by few words and may be mistaken for each other on a sentence or two.
    """
    sample = _NO_PROSE.sub(" ", text[: 3 * SAMPLE_CHARS])[:SAMPLE_CHARS].lower()
    words = _WORD.findall(sample)
    if not words:
        return None
    return _by_script(sample, sum(map(len, words))) or _by_stop_words(words)


def _by_script(sample: str, letters: int) -> str | None:
    counts = {language: len(pattern.findall(sample)) for language, pattern in _LETTERS.items()}
    # Japanese mixes Han with kana, its own letters; a fifth of kana is never Chinese.
    if counts["ja"] and counts["ja"] * 5 >= counts["zh"]:
        counts["ja"] += counts.pop("zh")
    language = max(counts, key=counts.__getitem__)
    # A CJK character says as much as a short Latin word, so a third of them is enough.
    if counts[language] * 3 < letters:
        return None
    for relative, pattern in _TELLING.get(language, ()):
        if pattern.search(sample):
            return relative
    return language


def _by_stop_words(words: list[str]) -> str | None:
    counts = Counter(words)
    hits = {
        language: sum(counts[word] for word in counts.keys() & stop_words)
        for language, stop_words in STOP_WORDS.items()
    }
    best = max(hits, key=hits.__getitem__)
    if hits[best] < max(MIN_HITS, MIN_SHARE * len(words)):
        return None
    return best
