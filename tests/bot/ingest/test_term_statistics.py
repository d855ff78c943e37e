"""How telling a word is."""

from bot.ingest.term_statistics import TermStatistics


def test_word_of_many_stories_weighs_less() -> None:
    statistics = TermStatistics()
    for _ in range(500):
        statistics.add(["openai"], new_story=True)
    statistics.add(["fyffe"], new_story=True)
    assert statistics.weight("openai") < statistics.weight("fyffe")


def test_headline_word_weighs_less_from_the_start() -> None:
    statistics = TermStatistics()
    assert statistics.weight("launch") < statistics.weight("fyffe")


def test_weight_follows_the_counts_at_once() -> None:
    statistics = TermStatistics()
    before = statistics.weight("openai")
    statistics.add(["openai"], new_story=True)
    statistics.add(["openai"], new_story=True)
    assert statistics.weight("openai") < before


def test_old_fame_fades_and_memory_is_bounded() -> None:
    statistics = TermStatistics()
    for _ in range(1_000):
        statistics.add(["snowden"], new_story=True)
    famous = statistics.share("snowden")
    for number in range(300_000):
        statistics.add([f"word{number}"], new_story=True)
    assert statistics.share("snowden") < famous / 20
    assert len(statistics._counts) <= 60_002
