"""Settings: their defaults, what is refused, and that the documentation agrees."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import fields
from pathlib import Path

import pytest

from porch.config import SettingError, Settings, environment_name, settings_from
from porch.engines.live.delivery import MOST_OF_ONE
from porch.values import Rate
from tests.support.server import ROOT

NAMES = [field.name for field in fields(Settings)]
RATES = [name for name in NAMES if name.endswith("_rate")]
NUMBERS = {
    "port": (0, 65535),
    "name_lease_days": (1, 3650),
    "session_idle_days": (1, 3650),
    "session_max_days": (1, 3650),
    "write_queue": (1, 1_000_000),
    "lock_timeout": (1, 60),
    "max_waiting": (0, 100_000),
    "sockets_per_user": (1, 10_000),
    "sockets_per_address": (1, 1_000_000),
    "heartbeat": (1, 3600),
}


def read(**settings: str) -> Settings:
    return settings_from({environment_name(name): value for name, value in settings.items()})


def refusal(**settings: str) -> str:
    with pytest.raises(SettingError) as refused:
        read(**settings)
    return str(refused.value)


def test_the_share_of_one_person_is_said_as_it_is() -> None:
    (meaning,) = (field.metadata["meaning"] for field in fields(Settings) if field.name == "max_waiting")
    assert f" {MOST_OF_ONE} of them one person's" in meaning


def default_text(setting: str) -> str:
    """The default of a setting as one would write it in the environment."""
    value = next(f.default for f in fields(Settings) if f.name == setting)
    match value:
        case Rate(burst=burst, per_second=rate):
            # An hour tells small rates best: 120 in an hour is no promise of 2 in each minute.
            unit, seconds = ("s", 1) if rate >= 1 else ("m", 60) if rate >= 1 / 6 else ("h", 3600)
            return f"{burst}+{round(rate * seconds)}/{unit}"
        case Path():
            return f"./{value.relative_to(ROOT)}"
        case bool():
            return "on" if value else "off"
        case None | ():
            return ""
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


@pytest.mark.parametrize("name", NAMES)
def test_the_default_as_it_is_written_means_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert getattr(read(**{name: default_text(name)}), name) == getattr(Settings(), name)


@pytest.mark.parametrize("name", NAMES)
def test_the_documentation_has_the_setting_with_its_default_and_meaning(name: str) -> None:
    meaning = next(field.metadata["meaning"] for field in fields(Settings) if field.name == name)
    default = f"`{default_text(name)}`" if default_text(name) else ""
    table = (ROOT / "docs" / "settings.md").read_text().splitlines()
    assert f"| `{environment_name(name)}` | {default} | {meaning} |" in table


def test_the_documentation_has_no_other_settings() -> None:
    documented = re.findall(r"^\| `(PORCH_\w+)` ", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert documented == [environment_name(name) for name in NAMES]


@pytest.mark.parametrize(
    "value",
    [
        "redis://localhost",
        "redis://127.0.0.1:6379/2",
        "rediss://porch:secret@cache.example.org:6380",
        "redis://[::1]:6379/0",
        "unix:///run/redis.sock",
    ],
)
def test_an_address_of_redis_is_taken_as_it_is(value: str) -> None:
    assert read(redis_url=value).redis_url == value


@pytest.mark.parametrize(
    "value", ["localhost:6379", "http://localhost", "redis://", "redis://localhost/x", "redis://a:b", "unix:"]
)
def test_what_is_no_address_of_redis_is_refused(value: str) -> None:
    assert "redis://127.0.0.1:6379/0" in refusal(redis_url=value)


def test_several_workers_need_both_engines_of_larger_sites() -> None:
    assert read(workers="3", database_url="postgresql://db/porch", redis_url="redis://cache").workers == 3
    assert "PORCH_REDIS_URL" in refusal(workers="3", database_url="postgresql://db/porch")


@pytest.mark.parametrize("more", [{}, {"redis_url": "redis://localhost"}])
def test_several_workers_are_refused_on_sqlite(more: dict[str, str]) -> None:
    assert "more than one process need PostgreSQL" in refusal(workers="2", **more)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert settings_from({}) == Settings()


def test_other_programs_variables_are_let_alone() -> None:
    assert settings_from({"PORCHLIGHT": "on", "PORT": "80", "HOME": "/root"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metrics_token", "hush hush hush hush"),
        ("redis_url", "redis://:hush@localhost/x"),
        ("redis_url", "redis://:hu/hush=@localhost:6379/0"),
        ("redis_url", "redis://localhost/x?password=hush&db=1"),
        ("database_url", "postgresql://porch:hu/hush@localhost/"),
    ],
)
def test_a_value_that_is_refused_is_shown_without_what_is_secret_in_it(name: str, value: str) -> None:
    told = refusal(**{name: value})
    assert environment_name(name) in told
    assert "hush" not in told


@pytest.mark.parametrize("name", ["PORCH_PROT", "PORCH_port", "PORCH_", "PORCH_DATABASE"])
def test_a_setting_that_does_not_exist_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(SettingError) as refused:
        settings_from({name: "1"})
    text = str(refused.value)
    assert text.startswith(f"There is no setting {name}.")
    assert all(environment_name(known) in text for known in NAMES)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("PORCH_PROT", "Did you mean PORCH_PORT? "),
        ("PORCH_MESAGE_RATE", "Did you mean PORCH_MESSAGE_RATE? "),
        ("PORCH_XYZZY", ""),
    ],
)
def test_a_setting_with_a_typing_error_is_answered_with_what_was_meant(typed: str, hint: str) -> None:
    with pytest.raises(SettingError, match=re.escape(f"There is no setting {typed}. {hint}The settings are")):
        settings_from({typed: "1"})


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_taken_up_to_its_bounds_and_refused_beyond(name: str) -> None:
    least, most = NUMBERS[name]
    assert getattr(read(**{name: str(least)}), name) == least
    assert getattr(read(**{name: str(most)}), name) == most
    for wrong in (str(least - 1), str(most + 1), "", "many", "1.5", "1e3", "0x10", " 5", "5\n", "9" * 5000):
        text = refusal(**{name: wrong})
        assert environment_name(name) in text
        assert f"a whole number from {least} to {most}" in text


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("off", None),
        ("20+2/s", Rate(20, 2.0)),
        ("1+1/m", Rate(1, 1 / 60)),
        ("60+120/h", Rate(60, 120 / 3600)),
    ],
)
def test_a_rate_is_a_burst_and_what_comes_after(name: str, text: str, rate: Rate | None) -> None:
    assert getattr(read(**{name: text}), name) == rate


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize(
    "wrong",
    ["", "on", "OFF", "20", "20/s", "+2/s", "20+2", "20+2/d", "0+2/s", "20+0/s", "-1+2/s", "20 + 2/s"],
)
def test_a_rate_written_otherwise_is_refused_with_an_example(name: str, wrong: str) -> None:
    text = refusal(**{name: wrong})
    assert environment_name(name) in text
    assert "20+2/s" in text


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", []),
        ("127.0.0.1", ["127.0.0.1/32"]),
        ("127.0.0.1, 10.0.0.0/8", ["127.0.0.1/32", "10.0.0.0/8"]),
        ("::1,fd00::/8,", ["::1/128", "fd00::/8"]),
    ],
)
def test_proxies_are_addresses_and_networks(text: str, networks: list[str]) -> None:
    expected = tuple(ipaddress.ip_network(network) for network in networks)
    assert read(trusted_proxies=text).trusted_proxies == expected


@pytest.mark.parametrize("wrong", ["localhost", "*", "10.0.0.0/33", "10.0.0.1/8", "127.0.0.1;::1", "1.2.3"])
def test_proxies_written_otherwise_are_refused_with_an_example(wrong: str) -> None:
    text = refusal(trusted_proxies=wrong)
    assert "PORCH_TRUSTED_PROXIES" in text
    assert "10.0.0.0/8" in text


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", ""),
        ("https://chat.example.org", "https://chat.example.org"),
        ("https://chat.example.org/", "https://chat.example.org"),
        ("http://192.168.1.5:5000", "http://192.168.1.5:5000"),
        ("https://[fd00::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_the_public_address_is_kept_without_a_slash(text: str, url: str) -> None:
    assert read(url=text).url == url


@pytest.mark.parametrize(
    "wrong",
    [
        "chat.example.org",
        "//chat.example.org",
        "ftp://chat.example.org",
        "javascript:alert(1)",
        "https://",
        "https://chat.example.org/porch",
        "https://chat.example.org/?room=1",
        "https://chat.example.org/#top",
        "https://ann:secret@chat.example.org",
        "https://chat.example.org:port",
        "https://chat.example.org:99999",
        "https://[fd00::1",
        "https://chät.example.org",
        "https://chat example.org",
    ],
)
def test_a_public_address_written_otherwise_is_refused_with_an_example(wrong: str) -> None:
    text = refusal(url=wrong)
    assert "PORCH_URL" in text
    assert "https://chat.example.org without a path" in text


@pytest.mark.parametrize("wrong", ["", "Socket", "sockets", "websocket", "poll "])
def test_pages_stay_current_in_one_of_two_ways(wrong: str) -> None:
    assert read(live="poll").live == "poll"
    text = refusal(live=wrong)
    assert "PORCH_LIVE" in text
    assert "socket or poll" in text


@pytest.mark.parametrize("name", ["guests", "sign_up"])
@pytest.mark.parametrize("wrong", ["", "On", "yes", "true", "1", "off "])
def test_a_switch_is_on_or_off(name: str, wrong: str) -> None:
    assert [getattr(read(**{name: text}), name) for text in ("on", "off")] == [True, False]
    text = refusal(**{name: wrong})
    assert environment_name(name) in text
    assert "on or off" in text


@pytest.mark.parametrize("wrong", ["", "on", "User", "users", "room"])
def test_one_room_is_for_a_person_a_session_or_nobody(wrong: str) -> None:
    for choice in ("user", "session", "off"):
        assert read(one_room=choice).one_room == choice
    text = refusal(one_room=wrong)
    assert "PORCH_ONE_ROOM" in text
    assert "user or session or off" in text


def test_a_certificate_and_its_key_are_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = read(cert="~/chain.pem", key="/etc/key.pem")
    assert (settings.cert, settings.key) == (tmp_path / "chain.pem", Path("/etc/key.pem"))
    assert "the path of a file" in refusal(cert="null\0", key="/etc/key.pem")


def test_a_site_that_certifies_itself_takes_no_other_certificate() -> None:
    assert read(tls="on").tls
    assert "does not go with PORCH_CERT" in refusal(tls="on", cert="chain.pem", key="key.pem")


@pytest.mark.parametrize(
    "given", [{"cert": "chain.pem"}, {"key": "key.pem"}, {"cert": "chain.pem", "key": ""}]
)
def test_a_certificate_goes_with_its_key(given: dict[str, str]) -> None:
    assert "PORCH_CERT and PORCH_KEY go together" in refusal(**given)


@pytest.mark.parametrize(("name", "limit"), [("name", 60), ("host", 253)])
def test_a_text_is_bounded_and_printable(name: str, limit: int) -> None:
    assert getattr(read(**{name: f"  {'x' * limit} "}), name) == "x" * limit
    for wrong in ("   ", "x" * (limit + 1), "two\nlines", "bell\x07"):
        text = refusal(**{name: wrong})
        assert environment_name(name) in text
        assert f"1 to {limit} printable characters" in text


def test_a_folder_may_be_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(data="~/porch").data == tmp_path / "porch"


def test_a_relative_folder_is_meant_from_where_one_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read(data="here")
    monkeypatch.chdir("/")
    assert settings.data == tmp_path / "here"
    assert settings.database == tmp_path / "here" / "chat.db"


@pytest.mark.parametrize("wrong", ["", "  ", "null\0"])
def test_a_folder_has_a_name(wrong: str) -> None:
    text = refusal(data=wrong)
    assert "PORCH_DATA" in text
    assert "the path of a folder" in text


def test_the_default_folder_is_beside_the_code_wherever_one_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_from({}).data == ROOT / "data"
