"""The forms that a source may be named in."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from config.secrets import Secrets
from config.source_forms import SourceForm, SourceName, source_form
from config.source_packs import pack_names, read_pack
from config.types import LoadContext, Tag


def check(value: object, folder: Path) -> str:
    context = LoadContext(working_dir=folder, home=None, secrets=Secrets())
    checked: str = TypeAdapter(SourceName).validate_python(value, context=context)
    return checked


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("https://example.org/feed.xml", SourceForm.URL),
        ("http://127.0.0.1:8000/a", SourceForm.URL),
        ("r/MachineLearning", SourceForm.SUBREDDIT),
        ("hn:front", SourceForm.HACKERNEWS),
        ("pack:ai", SourceForm.PACK),
        ("lists/feeds.opml", SourceForm.OPML),
        ("r/feeds.opml", SourceForm.OPML),
    ],
)
def test_each_form_is_taken_as_written(tmp_path: Path, text: str, form: SourceForm) -> None:
    for folder in ("lists", "r"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "feeds.opml").touch()
    assert check(text, tmp_path) == text
    assert source_form(text) is form


@pytest.mark.parametrize(
    ("value", "said", "hint"),
    [
        ("feeds.opml", "an OPML file that exists", ""),
        ("folder/", "an OPML file that exists", ""),
        ("example.org/feed", "an OPML file that exists", '; a URL starts with "https://"'),
        ("/r/LocalLLaMA", "an OPML file that exists", '; did you mean "r/LocalLLaMA"?'),
        ("r/a b", "a subreddit such as", ""),
        ("r/" + "x" * 22, "a subreddit such as", ""),
        ("hn:new", '"hn:front"', ""),
        ("pack:a1", "one of the packs pack:ai", '; did you mean "pack:ai"?'),
        ("pack:../ai", "one of the packs pack:ai", ""),
        ("ftp://x.org/feed", "a URL that starts with http", ""),
        ("https://u:p@x.org/", "a URL without user name", ""),
        ("a\0b", "an http(s) URL", ""),
        ("", "an http(s) URL", ""),
        (5, "an http(s) URL", ""),
    ],
)
def test_other_words_are_refused(tmp_path: Path, value: object, said: str, hint: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValidationError) as caught:
        check(value, tmp_path)
    context = caught.value.errors()[0]["ctx"]
    assert str(context["what"]).startswith(said)
    if hint:
        assert context["hint"] == hint


@pytest.mark.parametrize("name", pack_names())
def test_packs_are_well_formed(tmp_path: Path, name: str) -> None:
    sources = read_pack(name)
    assert len(sources) >= 20
    assert len({source.url for source in sources}) == len(sources)
    assert len({source.title for source in sources}) == len(sources)
    for source in sources:
        assert check(source.url, tmp_path).startswith("https://")
        assert source.title.strip() == source.title != ""
        assert source.tags
        TypeAdapter(tuple[Tag, ...]).validate_python(source.tags)


def test_unknown_packs_are_refused() -> None:
    with pytest.raises(KeyError):
        read_pack("../settings")
