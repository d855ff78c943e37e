"""The summary's sentences: who said what, first things first."""

from __future__ import annotations

from bot.summarize.threads.leads import SUMMARY_CHARS, author_name, tidy, write_lead
from bot.summarize.threads.quotes import is_plain_view, is_quotable
from bot.summarize.threads.reading import read_thread
from bot.thread_model import Comment, Thread

DIALOGUE = (
    ("Moss, Ann", "Hi all,\n\nCan the parser read a feed without any closing tags?"),
    ("bob", "> Can the parser read\n\nThe strict parser stops there, the lenient one reads on."),
    ("Moss, Ann", "Then the lenient parser should be the default for every feed."),
)


def thread_of(turns: tuple[tuple[str | None, str], ...], text: str = "") -> Thread:
    comments = tuple(
        Comment(id=str(at), author=author, text=said) for at, (author, said) in enumerate(turns)
    )
    return Thread(kind="reddit", id="t", title="Parser", text=text, comments=comments)


def lead_of(thread: Thread) -> str:
    return write_lead(thread, read_thread(thread)).text


def test_turns_speak_in_order_behind_their_authors_names() -> None:
    assert lead_of(thread_of(DIALOGUE)) == (
        "Ann Moss asks: Can the parser read a feed without any closing tags? "
        "bob says: The strict parser stops there, the lenient one reads on. "
        "Ann Moss says: Then the lenient parser should be the default for every feed."
    )


def test_lead_cites_the_comments_that_it_rests_on() -> None:
    thread = thread_of(DIALOGUE, text="We rewrote the parser of our feeds last week in Rust.")
    lead = write_lead(thread, read_thread(thread))
    assert lead.text.startswith("We rewrote the parser")
    assert lead.citations == ("0", "1", "2")


def test_unknown_authors_are_not_named() -> None:
    assert "says" not in lead_of(thread_of(tuple((None, said) for _, said in DIALOGUE)))


def test_crowd_is_told_by_views_and_not_by_what_is_told_elsewhere() -> None:
    views = [f"Model {n} is better than its price suggests for translation." for n in "ABCDEFGHI"]
    asking = [f"Does anybody know where model {n} can be downloaded from?" for n in "ABCDEFGHI"]
    thread = thread_of(tuple((None, said) for said in (*asking, *views)))
    lead = write_lead(thread, read_thread(thread), told=[views[0]])
    assert "better than its price" in lead.text
    assert views[0] not in lead.text


def test_long_turns_are_cut_between_words() -> None:
    thread = thread_of(tuple((None, f"{word} and " * 90 + "the end.") for word in "abcdef"))
    assert len(lead_of(thread)) <= SUMMARY_CHARS


def test_names_are_put_in_speaking_order() -> None:
    assert author_name("Moss, Ann") == "Ann Moss"
    assert author_name("u_123") == "u_123"


def test_talk_before_a_sentence_is_dropped() -> None:
    assert tidy("Well, so, the **price** is too high.") == "The price is too high."


def test_only_whole_sentences_of_sensible_length_are_quoted() -> None:
    assert is_quotable("Running it at home costs more than the subscription.")
    assert not is_quotable("I totally agree with every word of that.")
    assert not is_quotable("https://example.org/a/very/long/address/of/a/page")
    assert not is_quotable("ok sure")


def test_questions_and_events_state_no_view() -> None:
    assert is_plain_view("The license is too strict for any company.")
    assert not is_plain_view("Is the license too strict for any company?")
    assert not is_plain_view("If the license were less strict for any company.")
    assert not is_plain_view("I started reading the license because of my company.")
