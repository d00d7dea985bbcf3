"""The gateway's file: what is allowed, and what is said of what is not."""

from pathlib import Path

import pytest

from simulator.gateway.config import Config, ConfigError, SmscSettings, demo, for_load, read_config, seconds_from
from simulator.gateway.messages import NumberKind


def written(path: Path, text: str, name: str = "gateway.yaml") -> Path:
    file = path / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("30s", 30.0), ("5min", 300.0), ("4h", 14_400.0), ("3d", 259_200.0), (7, 7)]
)
def test_durations_have_units(text: object, seconds: float) -> None:
    assert seconds_from(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "s", "30 parsecs", "1h30"])
def test_what_is_no_duration_is_refused_by_its_value(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration such as"):
        seconds_from(text)


def test_yaml_and_toml_say_the_same(tmp_path: Path) -> None:
    yaml = "smscs: [{port: 2775, window: 5}]\nqueue_lifetime: 1h\nnumbers:\n- {number: 12065550100, space: a, "
    yaml += "dialect: flowroute, kind: toll_free}\n"
    toml = 'queue_lifetime = "1h"\n[[smscs]]\nport = 2775\nwindow = 5\n[[numbers]]\nnumber = 12065550100\nspace = "a"\n'
    toml += 'dialect = "flowroute"\nkind = "toll_free"\n'
    first, second = read_config(written(tmp_path, yaml)), read_config(written(tmp_path, toml, "gateway.toml"))
    assert first == second
    assert first.numbers[0].number_of().kind is NumberKind.TOLL_FREE
    assert first.queue_lifetime == 3600


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, ""))
    assert config == Config()
    assert config.backlog == 10_000
    assert config.pace["signalwire"] == {"long_code": 4.0, "canadian": 1.0, "toll_free": 3.0, "short_code": 10.0}
    assert [smsc.name for smsc in config.carriers()] == ["smsc1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bakclog: 5", "bakclog: extra inputs are not permitted"),
        ("backlog: many", "backlog: input should be a valid integer"),
        ("smscs: [{port: 70000}]", "smscs.0.port: input should be less than or equal to 65535, found 70000"),
        ("queue_lifetime: soon", "queue_lifetime: 'soon', must be a duration such as 250ms"),
        ("- 1", "list, must be a mapping of smscs, numbers"),
        ("a: [", "while parsing a flow node"),
        ("is_demo: true", "is_demo: extra inputs are not permitted"),
        ("smscs: [{name: a}, {name: a}]", "smscs: two are named 'a', must be different names"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_place(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read_config(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


def test_a_password_that_is_too_long_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read_config(written(tmp_path, "smscs: [{password: verysecretword}]"))
    assert "secret" not in str(error.value)
    assert "smscs.0.password: string should have at most 8 characters" in str(error.value)


def test_a_file_that_is_not_there_is_told_by_its_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--config: .*no\.yaml': No such file"):
        read_config(tmp_path / "no.yaml")


def test_the_demo_has_a_number_in_each_dialect_and_says_that_it_is_one() -> None:
    config = demo()
    assert config.is_demo
    assert {number.dialect for number in config.numbers} == {"signalwire", "flowroute", "signalsms"}
    assert not Config().is_demo


def test_for_load_runs_the_published_limits_are_lifted() -> None:
    config = for_load()
    assert (config.is_demo, config.pace, config.backlog) == (True, {}, 100_000)
    assert config.signalsms.requests_per_minute == config.flowroute.sms_per_second == config.signalwire.writes_max
    assert demo().signalwire.writes_max == 13_800
    assert [smsc.links for smsc in config.carriers()] == [8]


def test_passwords_are_never_shown() -> None:
    assert "geheim" not in repr(Config(smscs=[SmscSettings(password="geheim")]))
