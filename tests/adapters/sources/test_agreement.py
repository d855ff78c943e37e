"""The recorded feeds are read as they always were."""

from tests.bench.feed_agreement import FIELDS, measure, read_ours, reason_of
from tests.shared_data import needs_shared


@needs_shared
def test_recorded_feeds_are_read_as_agreed() -> None:
    unexplained = []

    def differ(name: str, file: str, wanted: dict[str, str | None], got: str | None) -> None:
        if reason_of(name, file, wanted, got) is None:
            unexplained.append((name, file, wanted, got))

    tally = measure(read_ours, differ)
    assert unexplained == []
    assert tally.rate("count") >= 0.99
    assert min(tally.rate(name) for name in FIELDS) >= 0.985
