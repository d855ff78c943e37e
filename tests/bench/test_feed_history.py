"""The recorded histories, as a promise: no false post, no missed one."""

import pytest

from tests.bench.feed_history import feeds, ours, truth
from tests.shared_data import needs_shared


@needs_shared
@pytest.mark.slow
def test_recorded_histories_give_no_false_post_and_miss_none() -> None:
    for feed, snapshots in feeds():
        assert ours(snapshots).posted == truth(snapshots), feed
