"""`/` and the digest pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.web.site import served
from tests.bot.commands.desk import feed
from tests.bot.digests.samples import COMMUNITY, OUTLOOK, ROUNDUP

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
KINDS = {"community": COMMUNITY, "outlook": OUTLOOK, "roundup": ROUNDUP}


async def test_an_empty_archive_says_what_will_be_there(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        page = (await it.get("/")).page
        assert "No digest was made yet." in page.text
        assert page.count("h1") == 1


async def test_home_lists_the_latest_digests_and_goes_on(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        made = [
            await it.keep_digest("community", COMMUNITY, until=AT + timedelta(days=day))
            for day in range(45)
        ]
        path, seen = "/", list[str]()
        while path:
            page = (await it.get(path)).page
            seen += [link for link in page.links if link.startswith("/digests/")]
            onward = [link for link in page.links if "before=" in link and "login" not in link]
            path = onward[0] if onward else ""
        assert seen == [f"/digests/{number}" for number in reversed(made)]


async def test_home_shows_one_kind(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        for kind, record in KINDS.items():
            await it.keep_digest(kind, record, until=AT)
        page = (await it.get("/?kind=outlook")).page
        assert page.count("article") == 1
        assert (await it.get("/?kind=nonsense")).status == 404
        assert (await it.get("/?before=nonsense~x")).status == 200


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_digest_page_says_all_that_the_channel_got(tmp_path: Path, kind: str) -> None:
    from adapters.web.html import plain
    from bot.digest_desk import digest_kinds
    from bot.model import Link, Listing, Paragraph, Quote

    async with served(tmp_path) as it:
        number = await it.keep_digest(kind, KINDS[kind], until=AT)
        page = (await it.get(f"/digests/{number}")).page
    post = digest_kinds()[kind].post(KINDS[kind], language="en")
    told = 0
    for block in (*post.blocks, *post.details):
        texts, spans = list[str](), list[object]()
        match block:
            case Paragraph():
                texts, spans = [plain(block.spans)], list(block.spans)
            case Listing():
                texts = [plain(item.spans) for item in block.items]
                spans = [span for item in block.items for span in item.spans]
            case Quote():
                texts = [block.text]
        told += len(texts)
        for text in texts:
            assert "".join(text.split()) in "".join(page.text.split())
        for span in spans:
            if isinstance(span, Link):
                assert span.url in page.links
    assert told > 3
    assert len(page.ids) == len(set(page.ids))
    assert len([name for name in page.ids if name.startswith("c-")]) >= told


async def test_an_anchor_outlives_a_revision_that_leaves_its_claim(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        number = await it.keep_digest("community", COMMUNITY, until=AT)
        before = (await it.get(f"/digests/{number}")).page.ids
        rest = COMMUNITY.model_copy(update={"items": COMMUNITY.items[1:]})
        await it.keep_digest("community", rest, until=AT, fingerprint="2")
        answer = await it.get(f"/digests/{number}")
        assert "revision 2" in answer.page.text
        assert len(set(before) & set(answer.page.ids)) > len(answer.page.ids) // 2


async def test_markdown_and_json_are_the_digest(tmp_path: Path) -> None:
    from bot.digest_desk import digest_kinds

    async with served(tmp_path, web={"public_url": "https://news.example/wire"}) as it:
        number = await it.keep_digest("community", COMMUNITY, until=AT)
        markdown = await it.get(f"/digests/{number}.md")
        assert markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert digest_kinds()["community"].parse(markdown.text) == COMMUNITY
        facts = json.loads((await it.get(f"/digests/{number}.json")).text)
        assert facts["url"] == f"https://news.example/wire/digests/{number}"
        assert type(COMMUNITY).model_validate(facts["digest"]) == COMMUNITY


@pytest.mark.parametrize("path", ["/digests/9", "/digests/99999999999999999999", "/digests/x"])
async def test_what_is_not_there_is_a_page_that_says_so(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as it:
        answer = await it.get(path)
        assert answer.status == 404
        assert "Not Found" in answer.page.text
        assert (await it.get(path, accept="*/*")).headers["Content-Type"].startswith("text/plain")


async def test_private_digests_need_the_token(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        number = await it.keep_digest("community", COMMUNITY, until=AT, is_public=False)
        for path in (f"/digests/{number}", f"/digests/{number}.md", f"/digests/{number}.json"):
            assert (await it.get(path)).status == 404
            known = await it.get(path, known=True)
            assert known.status == 200
            assert known.headers["Cache-Control"] == "private, no-store"
        assert f"/digests/{number}" not in (await it.get("/")).page.links
        assert f"/digests/{number}" in (await it.get("/", known=True)).page.links


async def test_a_digest_of_what_only_a_secret_address_tells_is_private(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/paid?token=abc", feed("Members only"))
        await it.publish("/open", feed("For everybody"))
        secret, public = 1, 2
        of_secret = await it.keep_digest("community", COMMUNITY, until=AT, story_ids=(secret,))
        of_public = await it.keep_digest(
            "community", COMMUNITY, until=AT, story_ids=(public,), scope="other"
        )
        assert (await it.get(f"/digests/{of_secret}")).status == 404
        assert (await it.get(f"/digests/{of_public}")).status == 200


async def test_what_chats_brought_can_be_kept_private(tmp_path: Path) -> None:
    for setting, status in (("public", 200), ("private", 404)):
        folder = tmp_path / setting
        folder.mkdir()
        async with served(folder, web={"chat_sources": setting}) as it:
            await it.publish("/theirs", feed("Found in a chat"), origin="chat")
            number = await it.keep_digest("community", COMMUNITY, until=AT, story_ids=(1,))
            assert (await it.get(f"/digests/{number}")).status == status
            assert (await it.get(f"/digests/{number}", known=True)).status == 200


async def test_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        number = await it.keep_digest("community", COMMUNITY, until=AT)
        first = await it.get(f"/digests/{number}")
        tag = first.headers["ETag"]
        async with it.client.get(
            f"/digests/{number}", headers={"If-None-Match": tag, "Accept": "text/html"}
        ) as again:
            assert again.status == 304
            assert await again.read() == b""
            assert again.headers["ETag"] == tag
        await it.keep_digest("community", COMMUNITY, until=AT, fingerprint="2")
        async with it.client.get(
            f"/digests/{number}", headers={"If-None-Match": tag, "Accept": "text/html"}
        ) as changed:
            assert changed.status == 200


async def test_a_digest_in_which_a_secret_source_had_a_part_is_private(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        shared = "Northlight releases Polaris 3 with open weights"
        await it.publish("/paid?token=abc", feed(shared, title="Paid"))
        await it.publish("/open", feed(shared, "For everybody"))
        mixed = await it.keep_digest("outlook", OUTLOOK, until=AT, story_ids=(1,))
        await it.keep_digest("community", COMMUNITY, until=AT, story_ids=(2,), scope="other")
        assert (await it.get("/stories/1")).status == 200
        assert (await it.get(f"/digests/{mixed}")).status == 404
        assert (await it.get(f"/digests/{mixed}", known=True)).status == 200
        assert [one for one in (await it.get("/")).page.links if "/digests/" in one] == [
            f"/digests/{mixed + 1}"
        ]


async def test_a_digest_stays_public_when_a_secret_source_tells_the_same_later(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as it:
        shared = "Northlight releases Polaris 3 with open weights"
        await it.publish("/open", feed(shared))
        number = await it.keep_digest("community", COMMUNITY, until=AT, story_ids=(1,))
        it.clock.advance(hours=1)
        await it.publish("/paid?token=abc", feed(shared, title="Paid"))
        assert "Paid" in (await it.get("/stories/1", known=True)).page.text
        assert (await it.get(f"/digests/{number}")).status == 200
