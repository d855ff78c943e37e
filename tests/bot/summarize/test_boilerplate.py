"""Which lines belong to the page and not to the article."""

import pytest

from bot.summarize.boilerplate import is_furniture, is_notice, opens_tail

FURNITURE = [
    "Read more: How it works",
    "READ MORE: China confirms",
    "Comments (3)",
    "By Jane A. Doe, Reuters",
    "Written by Max Muster",
    "November 19, 2019",
    "segunda-feira, 22 de janeiro de 2018 às 0:13",
    "기사입력 :[ 2018-08-25 15:24 ]",
    "Tags: ai, models",
    "Filed under: Policy",
    "Subscribe to our newsletter",
    "The post A model appeared first on A Blog.",
    "Related: Seven other models",
    "Photo: Agency",
    "Advertisement",
    "5 min read",
    "DON'T MISS",
    "Share this:",
    "CLICK HERE TO GET THE APP",
    "Follow us on Mastodon",
    "This site uses cookies.",
    "Lesen Sie auch: Ein Modell",
    "À lire aussi : un modèle",
    "関連記事",
    "Читайте также: Модель",
    "",
]
PROSE = [
    "By using less memory, the model runs on a phone.",
    "The company said.",
    "Comments on the bill were due Monday.",
    "Share prices fell by five percent.",
    "Review of the model took three weeks.",
    "Subscribers get the model today.",
    "Related work has shown that agents fail.",
    "Popular models fail at this test.",
    "Newsletter platform Substack raised 100 million dollars.",
    "Cookie theft is the aim of the malware.",
    "Posted on social media by analysts, the figures are not smooth.",
    "News of the release came on Monday.",
    "Get the code from the repository and run it.",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_known(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize("line", PROSE)
def test_prose_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_long_lines_are_never_furniture() -> None:
    assert not is_furniture("Read more " + "words about it " * 10)


@pytest.mark.parametrize(
    "line", ["© 2019 Agency. All Rights Reserved.", "Figure 1: It grows.", "無断転載を禁じます"]
)
def test_notices_are_known(line: str) -> None:
    assert is_notice(line)


@pytest.mark.parametrize("line", ["You may also like...", "Related articles", "Leave a comment"])
def test_appendix_begins_at_its_heading(line: str) -> None:
    assert opens_tail(line)


def test_sentence_about_an_appendix_opens_none() -> None:
    assert not opens_tail("Related articles were found to be of no help to the readers.")
