"""Where settings come from, and that every mistake is one line that says what to write."""

from __future__ import annotations

import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import SettingsError
from config.load import load_settings
from tests.config.support import complaint, load
from tests.shared_data import SHARED, needs_shared

DURATION = 'expected a duration such as "30m" (number and s, m, h or d), got'
SUBSCRIPTION = '[[subscriptions]]\nchannel = "terminal"\nsources = ["r/abc"]\n'


def test_no_file_means_defaults(tmp_path: Path) -> None:
    settings = load_settings(None, {}, tmp_path)
    assert settings.database.path == tmp_path / "data/threadwire.db"
    assert settings.poll.interval == 3600
    assert settings.archive.directory is None


def test_file_in_working_folder_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, '[poll]\ninterval = "1.5h"\n[archive]\ndirectory = "out"')
    assert settings.poll.interval == 5400
    assert settings.archive.directory == tmp_path / "out"


@needs_shared
def test_the_contracts_own_example_loads(tmp_path: Path) -> None:
    contract = (SHARED / "CONTRACT.md").read_text("utf-8")
    example = re.findall(r"```toml\n(.*?)```", contract, re.DOTALL)[0]
    settings = load(tmp_path, example)
    assert [source.url for source in settings.polled_sources()] == [
        "https://example.org/feed.xml",
        "r/MachineLearning",
    ]
    assert len(settings.remarks()) == 2


@needs_shared
def test_defaults_are_the_contracts(tmp_path: Path) -> None:
    contract = (SHARED / "CONTRACT.md").read_text("utf-8")
    tree = tomllib.loads(re.findall(r"```toml\n(.*?)```", contract, re.DOTALL)[0])
    del tree["fetch"]["user_agent"], tree["llm"]["model"]  # left open there
    written = load(tmp_path, re.findall(r"```toml\n(.*?)```", contract, re.DOTALL)[0])
    default = load(tmp_path)
    for section, table in tree.items():
        for key in table if isinstance(table, dict) else ():
            ours = getattr(getattr(default, section), key)
            assert ours == getattr(getattr(written, section), key), f"{section}.{key}"


def test_config_argument_wins_over_the_variable(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[fetch]\nconcurrency = 3")
    (tmp_path / "b.toml").write_text("[fetch]\nconcurrency = 4")
    environ = {"THREADWIRE_CONFIG": "b.toml"}
    assert load_settings(Path("a.toml"), environ, tmp_path).fetch.concurrency == 3
    assert load_settings(None, environ, tmp_path).fetch.concurrency == 4


def test_errors_name_the_chosen_file(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[fetch]\nconcurrency = 0")
    with pytest.raises(SettingsError, match=r"^my\.toml: fetch\.concurrency: "):
        load_settings(Path("my.toml"), {}, tmp_path)


def test_missing_config_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^no\.toml: no such file$"):
        load_settings(Path("no.toml"), {}, tmp_path)
    with pytest.raises(SettingsError, match=r"^THREADWIRE_CONFIG: no\.toml: no such file$"):
        load_settings(None, {"THREADWIRE_CONFIG": "no.toml"}, tmp_path)


def test_folder_and_dangling_link_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, {}, tmp_path)
    (tmp_path / "threadwire.toml").symlink_to(tmp_path / "gone.toml")
    with pytest.raises(SettingsError, match="no such file"):
        load_settings(None, {}, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "threadwire.toml").touch(mode=0o000)
    with pytest.raises(SettingsError, match="cannot be read: Permission denied"):
        load_settings(None, {}, tmp_path)


def test_bytes_that_are_not_utf8_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "threadwire.toml").write_bytes(b'[fetch]\ncontact = "J\xf6rg"')
    with pytest.raises(SettingsError, match=r"^threadwire\.toml: not UTF-8 text \(line 2\)"):
        load_settings(None, {}, tmp_path)


def test_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "threadwire.toml").write_bytes(b"\xef\xbb\xbf[fetch]\r\nconcurrency = 7\r\n")
    assert load_settings(None, {}, tmp_path).fetch.concurrency == 7


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[fetch\n", "threadwire.toml: not TOML: .*line 1, column 7"),
        ("[fetch]\n\nconcurrency 3", "threadwire.toml: not TOML: .*line 3, column 13"),
        ("a = " + "[" * 50_000, "threadwire.toml: not TOML: nested too deeply"),
        ("a = " + "9" * 5_000, "threadwire.toml: not TOML: a number is too long"),
    ],
)
def test_what_is_not_toml_is_told_with_its_place(tmp_path: Path, toml: str, said: str) -> None:
    assert re.match(said, complaint(tmp_path, toml))


MISTAKES = [
    ('[poll]\nmax_interval = "soon"', f'poll.max_interval: {DURATION} "soon"'),
    ('[poll]\ninterval = "0s"', "poll.interval: expected a duration above zero and below"),
    ('[poll]\ninterval = "-5m"', f'poll.interval: {DURATION} "-5m"'),
    ("[poll]\ninterval = 60", f"poll.interval: {DURATION} 60"),
    (
        '[poll]\nmin_interval = "2h"\nmax_interval = "1h"',
        "poll.min_interval: expected no more than poll.max_interval",
    ),
    ("[fetchh]", 'fetchh: unknown key; did you mean "fetch"?'),
    ("[fetch]\ntimeout = 3", 'fetch.timeout: unknown key; did you mean "timeout_s"?'),
    ("[database]\nzzz = 3", "database.zzz: unknown key; expected one of path"),
    ('model = "x"', 'model: unknown key; did you mean "llm.model"?'),
    ("[fetch]\nconcurrency = 0", "fetch.concurrency: expected a number of at least 1, got 0"),
    ("[fetch]\nconcurrency = 1.5", "fetch.concurrency: expected a whole number, got 1.5"),
    ("[fetch]\nconcurrency = true", "fetch.concurrency: expected a whole number, got true"),
    ('[fetch]\ntimeout_s = "20"', 'fetch.timeout_s: expected a number, got "20"'),
    ("[fetch]\ntimeout_s = nan", "fetch.timeout_s: expected a number, got nan"),
    ("[fetch]\ntimeout_s = 0", "fetch.timeout_s: expected a number above 0, got 0"),
    ("fetch = 1", "fetch: expected a table, got 1; write [fetch]"),
    ("[sources]", "sources: expected a list, got a table; write [[sources]]"),
    ('[fetch]\ncontact = "a\\nb"', "fetch.contact: expected one line of text"),
    ('[llm]\napi = "chatt"', 'llm.api: expected "chat" or "responses", got "chatt"'),
    ('[llm]\nmodel = ""', 'llm.model: expected a name, got ""'),
    ('[llm]\nbase_url = "localhost:1"', "llm.base_url: expected a URL that starts with http://"),
    ('[slack]\nenabled = "yes"', 'slack.enabled: expected "auto", true or false, got "yes"'),
    ('[web]\nlisten = "8080"', "web.listen: expected host and port such as"),
    ('[web]\nlisten = "a:70000"', "web.listen: expected host and port such as"),
    ('[database]\npath = ""', 'database.path: expected a path, got ""'),
    (
        '[fetch]\nallow_networks = ["::1", "10.0.0.5/8"]',
        'fetch.allow_networks[1]: expected a network such as "10.0.0.0/8" or an address such as '
        '"192.168.1.5", got "10.0.0.5/8"; did you mean "10.0.0.0/8"?',
    ),
    ('[fetch]\nallow_networks = "10.0.0.0/8"', "fetch.allow_networks: expected a list, got"),
    ("[[sources]]", "sources[0].url: missing; expected a feed or page"),
    (
        '[[sources]]\nurl = "r/abc"\n[[sources]]\nurl = "r/abd"\ninterval = "x"',
        f'sources[1].interval: {DURATION} "x"',
    ),
    (
        '[[sources]]\nurl = "r/abc"\n[[sources]]\nurl = "r/abc"',
        "sources[1].url: expected each source once; sources[0] is the same",
    ),
    ('[[sources]]\nurl = "r/abc"\ntags = ["A b"]', "sources[0].tags[0]: expected a tag such as"),
    (SUBSCRIPTION + 'post = "daily"', 'subscriptions[0].post: expected "instant", "community"'),
    (SUBSCRIPTION + 'language = "English"', "subscriptions[0].language: expected a language code"),
    (
        '[[subscriptions]]\nchannel = "discord:general"\nsources = ["r/abc"]',
        'subscriptions[0].channel: expected "discord:<channel id>", "slack:<channel id>", '
        '"terminal" or "files", got "discord:general"',
    ),
    (
        '[[subscriptions]]\nchannel = "terminal"\nsources = []',
        "subscriptions[0].sources: expected a list with at least one value, got an empty list",
    ),
    (
        '[[subscriptions]]\nchannel = "files"\nsources = ["r/abc"]',
        'subscriptions[0].channel: channel "files" expects archive.directory to be set',
    ),
    (
        '[[sources]]\nurl = "r/abc"\ntags = ["research"]\n'
        '[[subscriptions]]\nchannel = "terminal"\nsources = ["tag:reserch"]',
        "subscriptions[0].sources[0]: expected a tag that a source has (research); "
        'did you mean "tag:research"?',
    ),
    (
        '[[subscriptions]]\nchannel = "terminal"\nsources = ["research"]',
        "subscriptions[0].sources[0]: expected an http(s) URL",
    ),
]


def test_one_mistake_in_a_list_is_counted_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, '[[subscriptions]]\nchannel = "terminal"\nsources = ["r/x"]')
    assert said.endswith('got "r/x"')


@pytest.mark.parametrize(("toml", "said"), MISTAKES)
def test_a_mistake_is_told_with_file_key_and_expectation(
    tmp_path: Path, toml: str, said: str
) -> None:
    assert complaint(tmp_path, toml).startswith(f"threadwire.toml: {said}")


def test_several_errors_are_counted(tmp_path: Path) -> None:
    line = complaint(tmp_path, "[fetch]\nconcurrency = 0\nper_host = 0\nbogus = 1")
    assert line.startswith("threadwire.toml: fetch.concurrency: ")
    assert line.endswith(" (and 2 more)")


def test_long_and_unprintable_values_are_shortened_and_escaped(tmp_path: Path) -> None:
    line = complaint(tmp_path, '[poll]\ninterval = "\\u202E\\n' + "x" * 5_000 + '"')
    assert '"\\u202e\\nxx' in line
    assert len(line) < 200


def test_one_moved_limit_takes_the_others_default_with_it(tmp_path: Path) -> None:
    fast = load(tmp_path, '[poll]\nmax_interval = "5s"').poll
    slow = load(tmp_path, '[poll]\nmin_interval = "2d"').poll
    assert (fast.min_interval, fast.max_interval) == (5, 5)
    assert (slow.min_interval, slow.max_interval) == (172_800, 172_800)


def test_unwise_values_are_obeyed(tmp_path: Path) -> None:
    toml = '[fetch]\nhost_gap_s = 0\n[poll]\ninterval = "1s"\nmin_interval = "0.1s"\nmax_posts = 0'
    settings = load(tmp_path, toml)
    assert settings.fetch.host_gap_s == 0
    assert (settings.poll.interval, settings.poll.min_interval) == (1, 0.1)
    assert settings.poll.max_posts == 0


def test_home_is_the_environments(tmp_path: Path) -> None:
    settings = load(tmp_path, '[database]\npath = "~/x.db"', {"HOME": "/somewhere"})
    assert settings.database.path == Path("/somewhere/x.db")


# --- variables ---------------------------------------------------------------------------------


def test_variables_win_over_file_and_default(tmp_path: Path) -> None:
    environ = {
        "THREADWIRE_LLM__MODEL": "5",
        "THREADWIRE_FETCH__CONCURRENCY": "1_000",
        "THREADWIRE_FETCH__HOST_GAP_S": "0",
        "THREADWIRE_FETCH__ALLOW_NETWORKS": "127.0.0.1, 10.0.0.0/8",
        "THREADWIRE_POLL__INTERVAL": "5s",
        "THREADWIRE_DISCORD__ENABLED": "False",
        "THREADWIRE_SLACK__ENABLED": "auto",
        "THREADWIRE_ARCHIVE__DIRECTORY": "2024",
    }
    settings = load(tmp_path, '[llm]\nmodel = "m"\n[poll]\ninterval = "1h"', environ)
    assert settings.llm.model == "5"
    assert settings.fetch.concurrency == 1000
    assert settings.fetch.host_gap_s == 0
    assert settings.fetch.allow_networks == (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))
    assert settings.poll.interval == 5
    assert settings.discord.enabled is False
    assert settings.archive.directory == tmp_path / "2024"


def test_list_variables_may_be_toml_or_empty(tmp_path: Path) -> None:
    name = "THREADWIRE_FETCH__ALLOW_NETWORKS"
    listed = load(tmp_path, "", {name: '["::1/128"]'})
    assert listed.fetch.allow_networks == (ip_network("::1/128"),)
    empty = load(tmp_path, '[fetch]\nallow_networks = ["::1"]', {name: ""})
    assert empty.fetch.allow_networks == ()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("POLL__INTERVAL", "soon", f'THREADWIRE_POLL__INTERVAL: {DURATION} "soon"'),
        ("FETCH__CONCURRENCY", "many", "THREADWIRE_FETCH__CONCURRENCY: expected a whole number"),
        ("FETCH__CONCURRENCY", "1\nx=2", "THREADWIRE_FETCH__CONCURRENCY: expected a whole number"),
        ("FETCH__ALLOW_NETWORKS", "::1,x", "THREADWIRE_FETCH__ALLOW_NETWORKS[1]: expected"),
        ("POL__INTERVAL", "5m", "THREADWIRE_POL__INTERVAL: unknown setting; did you mean THREAD"),
        ("POLL_INTERVAL", "5m", "THREADWIRE_POLL_INTERVAL: unknown variable; did you mean THREAD"),
        ("POLL__XYZ", "", "THREADWIRE_POLL__XYZ: unknown setting; expected THREADWIRE_POLL__KEY"),
        ("XYZ__A", "", "THREADWIRE_XYZ__A: unknown setting; expected THREADWIRE_SECTION__KEY"),
        ("SOURCES__0__URL", "", "THREADWIRE_SOURCES__0__URL: [[sources]] can be given in thread"),
        (
            "WEB__TOKEN",
            "x",
            "THREADWIRE_WEB__TOKEN: unknown setting; did you mean THREADWIRE_WEB_TOKEN?",
        ),
        ("POLL__\n", "5m", "THREADWIRE_POLL__\\n: unknown setting"),
    ],
)
def test_a_wrong_variable_is_told_by_its_name(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    assert complaint(tmp_path, "", {f"THREADWIRE_{name}": value}).startswith(said)


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    environ = {"THREADWIRE_PORT": "tcp://10.0.0.1:80", "THREADWIRE_WEB_TOKEN": "t", "PATH": "/bin"}
    assert load(tmp_path, "", environ) == load(tmp_path, "", {"THREADWIRE_WEB_TOKEN": "t"})


def test_dotenv_sets_what_the_environment_does_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# ours\nexport THREADWIRE_LLM__MODEL='a'\nTHREADWIRE_LLM__TIMEOUT_S=5 # seconds\n"
    )
    settings = load(tmp_path, "", {"THREADWIRE_LLM__MODEL": "b"})
    assert (settings.llm.model, settings.llm.timeout_s) == ("b", 5)


def test_errors_of_dotenv_name_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("THREADWIRE_LLM__TIMEOUT_S=x\n")
    assert complaint(tmp_path).startswith(".env: THREADWIRE_LLM__TIMEOUT_S: expected a number")


def test_dotenv_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DISCORD_TOKEN=\xff")
    assert complaint(tmp_path) == ".env: not UTF-8 text"
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert complaint(tmp_path) == ".env: cannot be read: Is a directory"


# --- anything at all ---------------------------------------------------------------------------

_keys = st.sampled_from(
    ["fetch", "poll", "llm", "sources", "subscriptions", "url", "interval", "enabled", "x", "web"]
)
_values = st.recursive(
    st.one_of(
        st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.none()
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=3)),
    max_leaves=8,
)


@given(tree=st.dictionaries(_keys, _values, max_size=4))
def test_every_tree_loads_or_gives_one_line(tree: dict[str, object]) -> None:
    from pydantic import ValidationError

    from config.explain import explain
    from config.secrets import Secrets
    from config.settings import Settings
    from config.types import LoadContext

    context = LoadContext(working_dir=Path("/nowhere"), home=None, secrets=Secrets())
    try:
        Settings.model_validate(tree, context=context)
    except ValidationError as exc:
        line = str(SettingsError(explain(exc, "f.toml", {}, ())))
        assert line.startswith("f.toml: ")
        assert "\n" not in line
        assert "pydantic" not in line
        assert "Input should" not in line
