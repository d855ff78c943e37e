"""Reddit as a person meets it on the command line: wrong credentials, pages, saved answers."""

from __future__ import annotations

from pathlib import Path

from tests.sims.reddit import RedditSim
from tests.sims.reddit_things import submission
from tests.system.service import SETTINGS, run


def _settings(folder: Path, reddit: str) -> None:
    bases = "".join(f'{name}_base = "{reddit}"\n' for name in ("api", "auth", "public"))
    section = f"\n[reddit]\nanonymous_gap_s = 0\n{bases}"
    (folder / "threadwire.toml").write_text(SETTINGS + section)


async def test_a_digest_with_wrong_credentials_says_what_to_mend_in_one_line(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("REDDIT_CLIENT_ID=wrong\nREDDIT_CLIENT_SECRET=wrong-too\n")
    async with RedditSim() as reddit:
        _settings(tmp_path, reddit.url)
        reddit.submit(submission("s1", "Kestrel two is out"))
        asked = ("--source", "r/LocalLLaMA", "--source", "r/MachineLearning", "--since", "9000d")
        done = await run(tmp_path, "digest", "roundup", *asked)
    assert done.status == 0
    told = [line for line in done.complaints if "REDDIT_CLIENT_ID" in line]
    assert len(told) == 1
    assert "read through .rss" in told[0]
    assert "r/LocalLLaMA, r/MachineLearning" in told[0]
    assert "wrong-too" not in done.stdout + done.stderr
