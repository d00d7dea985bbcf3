"""What the command tells of networks: a message explained as a person reads it, and numbers that nobody has."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.carrier.fictitious import range_of
from simulator.cli.chain import moment_of
from simulator.cli.main import app
from simulator.smsc.play.rehearsal import START

SOLE, COMPANY, TMOBILE, VERIZON = "15105550103", "15105550100", "12065550100", "12015550100"
AT_ELEVEN = "23:00 America/Los_Angeles"


def told(*words: str) -> list[str]:
    ended = CliRunner().invoke(app, list(words))
    assert (ended.exit_code, ended.stderr) == (0, ""), ended.stderr
    return ended.stdout.splitlines()


def explained(*words: str) -> list[list[str]]:
    """The columns of each line."""
    lines = told("explain", "networks/us", "--brief", *words)
    return [[word.strip() for word in line.split("  ") if word.strip()] for line in lines]


def refused(*words: str) -> str:
    ended = CliRunner().invoke(app, list(words))
    assert (ended.exit_code, ended.stdout) == (2, "")
    return ended.stderr


def test_the_cap_of_the_day_that_is_used_up_at_eleven_is_told_with_what_platforms_show() -> None:
    lines = explained("--from", SOLE, "--to", TMOBILE, "--nth", "1001", "--at", AT_ELEVEN)
    assert lines[0][0].startswith("taken, and ends as REJECTD; answered ESME_ROK after")
    assert ["at", "2027-01-16 07:00:00 UTC, 2027-01-15 23:00 in Los Angeles"] in lines
    assert ["to", f"{TMOBILE}, long code of US; network tmobile"] in lines
    assert [
        "registration",
        "active, campaign CSOLE (sole_proprietor), brand sole (no score), class W, tier sole_proprietor",
    ] in lines
    left = "0 of 1000 segments in a day left for brand sole; room again in 1h"
    assert ["stops", "limit t_mobile", left] in lines
    assert ["not asked", "filter content", "finds nothing"] in lines
    assert ["in truth", "REJECTD at tmobile, tmo_daily: limit t_mobile is reached"] in lines
    (platforms,) = [line[1] for line in lines if line[0:1] == ["platforms"]]
    assert {"bandwidth 4780", "telnyx 40016", "twilio 30027"} <= set(platforms.split(", "))
    assert ["then", "sending again helps: after midnight PT"] in lines
    (receipt,) = [line[1] for line in lines if line[0:1] == ["receipt"]]
    assert receipt.startswith("REJECTD err:064 after ")


def test_a_receipt_that_lies_stands_beside_the_truth() -> None:
    lines = explained("--from", COMPANY, "--to", VERIZON, "--text", "vodka for you")
    assert ["stops", "filter content", "alcohol: 'vodka' and no age gate"] in lines
    (truth,) = [line[1] for line in lines if line[0:1] == ["in truth"]]
    assert truth.startswith("lost at verizon, silent_filter: filter content")
    (receipt,) = [line[1] for line in lines if line[0:1] == ["receipt"]]
    assert receipt.startswith("DELIVRD err:000 after ")


def test_a_hub_is_named_before_the_network_and_what_follows_a_no_is_never_asked() -> None:
    lines = explained("--from", "18005550101", "--to", TMOBILE)
    places = [lines.index(["us-toll-free, a hub"]), lines.index(["tmobile"])]
    assert places == sorted(places)
    ends = [line[0] for line in lines if line[1:2] and line[1].startswith(("registration", "filter", "limit"))]
    assert (ends[0], set(ends[1:])) == ("stops", {"not asked"})
    assert lines[-1] == ["receipt", "none"]


def test_a_message_without_a_way_says_so() -> None:
    lines = explained("--to", "+447700900000")
    assert ["no way", "no network has 447700900000"] in lines
    assert ["at", "2027-01-15 08:00:00 UTC"] in lines
    assert ["to", "447700900000, international of GB"] in lines
    assert ["in truth", "REFUSED, no_route: no network has 447700900000"] in lines


def test_a_landline_and_a_ported_number_are_told_as_such() -> None:
    assert ["to", "18025550100, long code of US; a landline"] in explained("--to", "18025550100")
    assert ["to", "12025550199, long code of US; network tmobile, ported to it"] in explained("--to", "12025550199")


def test_in_json_it_is_the_same() -> None:
    lines = told("explain", "networks/us", "--from", SOLE, "--to", TMOBILE, "--json", "--nth", "1001")
    chain = json.loads("\n".join(lines))["chain"]
    assert chain["stopped"]["name"] == "t_mobile"
    assert (chain["truth"]["state"], chain["truth"]["codes"]["telnyx"]) == ("REJECTD", "40016")
    (limit,) = [one["left"] for one in chain["networks"][0]["steps"] if one["left"]]
    # midnight in Los Angeles has just been
    assert (limit["left"], limit["wait"]) == (0, 86_400.0)


def test_what_a_rule_has_answered_no_network_is_asked_about() -> None:
    chained = told("explain", "networks/us", "stories/maintenance-with-unbind", "--brief")
    assert any(line.startswith("registration") for line in chained)
    assert json.loads("\n".join(told("explain", "quirks/accepted-with-error-status", "--json")))["chain"] is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("23:00", START - 8 * 3_600 + 23 * 3_600),
        (AT_ELEVEN, START + 23 * 3_600),
        ("23:00-08:00", START - 8 * 3_600 + 31 * 3_600),
        ("2027-01-15T08:00", START),
        ("2027-01-15T00:00 America/Los_Angeles", START),
        ("2027-01-15T00:00-08:00", START),
        ("2027-03-14T03:00 America/Los_Angeles", 1_805_018_400.0),
    ],
)
def test_carrier_time_is_a_time_of_day_or_a_moment(text: str, expected: float) -> None:
    assert moment_of(text, START) == expected


@pytest.mark.parametrize("text", ["", "25:00", "noon", "23:00 Los Angeles", "23:00 Nowhere/None", "2027-13-01T00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert f"carrier-sim: --at: {text!r}, must be a time of day as in 23:00" in refused(
        "explain", "networks/us", "--at", text
    )


# --- numbers ---


def test_numbers_of_a_network_are_fictitious_and_the_same_every_time() -> None:
    numbers = told("numbers", "att", "--count", "20")
    assert (len(set(numbers)), numbers) == (20, told("numbers", "att", "--count", "20"))
    assert all(range_of(number) is not None for number in numbers)
    assert told("numbers", "att", "--count", "20", "--seed", "1") != numbers
    assert json.loads("\n".join(told("numbers", "att", "--count", "20", "--json"))) == numbers


@pytest.mark.parametrize(
    ("words", "prefix"),
    [
        (["us-toll-free", "--kind", "toll_free"], "18"),
        (["uk"], "447700900"),
        (["uk", "--kind", "landline"], "442079460"),
        (["germany", "--kind", "mobile"], "4917"),
        (["us-toll-free", "--in", "networks/us"], "18"),
    ],
)
def test_a_kind_of_number_can_be_asked_for(words: list[str], prefix: str) -> None:
    assert {number[: len(prefix)] for number in told("numbers", *words, "--count", "5")} == {prefix}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["tmobil"], "network: 'tmobil', one of att, generic, germany"),
        (["tmobil"], "did you mean 'tmobile'?"),
        (["att", "--kind", "landlin"], "kind: 'landlin', one of mobile, landline, toll_free, premium; did you mean"),
        (["att", "--kind", "landline"], "att has 0 fictitious numbers of that kind"),
        (["att", "--count", "1000"], "count: 1000 from number 0 on, and att has 999 fictitious numbers of that kind"),
        (["india-dlt"], "fictitious numbers: none under 91; there are some in AU, CA, DE"),
        (["att", "--in", "networks/uk"], "network: 'att', one of uk"),
        (["att", "--in", "networks/nowhere"], "networks/nowhere: no such file or scenario"),
    ],
)
def test_numbers_that_are_not_there_are_refused(words: list[str], reason: str) -> None:
    assert reason in refused("numbers", *words)


# --- what several files name of each other ---


def checked(tmp_path: Path, *files: str) -> tuple[int, list[str]]:
    """The exit code of checking these files together, and the lines that name a place."""
    names = []
    for number, text in enumerate(files):
        names.append(str(tmp_path / f"{number}.yaml"))
        Path(names[-1]).write_text(f"scenario: 1\n{text}\n")
    ended = CliRunner().invoke(app, ["check", *names])
    lines = ended.stdout.replace(f"{tmp_path}/", "").splitlines()
    return ended.exit_code, [line for line in lines if line[:1].isdigit()]


BRAND = "1.yaml:2:36: registry.campaigns.C1.brand: 'acme'"
CAMPAIGN = "1.yaml:2:35: registry.numbers.15105550100: 'C1'"
NETWORK = "networks: {one: {prefixes: [1202]}}"


def test_a_brand_that_no_file_has_is_refused_at_its_place_and_one_that_another_has_is_not(tmp_path: Path) -> None:
    campaign = "registry: {campaigns: {C1: {brand: acme}}}"
    code, lines = checked(tmp_path, NETWORK, campaign)
    assert (code, lines) == (
        2,
        [f"{BRAND} is not a brand of this scenario, allowed: none is declared"],
    )
    assert checked(tmp_path, NETWORK, campaign, "registry: {brands: {acme: 80}}") == (0, [])
    near = checked(tmp_path, NETWORK, campaign, "registry: {brands: {acne: 80}}")[1]
    assert near[0].startswith("1.yaml:2:36: registry.campaigns.C1.brand: 'acme' is not a brand")
    assert near[0].endswith("allowed: acne")


def test_campaigns_and_networks_of_no_file_are_refused_at_their_places(tmp_path: Path) -> None:
    numbers = "registry: {numbers: {15105550100: C1}}\nnumbers: {ported: {12025550142: two}}"
    assert checked(tmp_path, NETWORK, numbers)[1] == [
        f"{CAMPAIGN} is not a campaign of this scenario, allowed: none is declared",
        "1.yaml:3:33: numbers.ported.12025550142: 'two' is not a network of this scenario, allowed: one",
    ]
    # alone it is not known what it will be laid over
    assert checked(tmp_path, numbers) == (0, [])


HUB = "networks: {one: {hub_of: toll_free}}"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            (NETWORK, "networks: {two: {prefixes: [1203, 1202]}}"),
            "1.yaml:2:18: networks.two.prefixes: '1202' is one's already, allowed: one network for it",
        ),
        (
            (HUB, "networks: {two: {prefixes: [1203], hub_of: toll_free}}"),
            "1.yaml:2:36: networks.two.hub_of: toll_free passes one already, allowed: one hub for a kind",
        ),
        (
            (
                f"{NETWORK}\nregistry: {{brands: {{acme: 80}}, campaigns: {{C1: {{brand: acme}}}}}}",
                "registry: {brands: {acme: {kind: sole_proprietor}}}",
            ),
            "0.yaml:3:44: registry.campaigns.C1: use_case mixed, allowed: of brand acme sole_proprietor",
        ),
        (
            (NETWORK, 'registry: {templates: {"1": hello}}'),
            (
                "1.yaml:2:12: registry.templates: nobody asks for it, allowed: beside a network with tlvs: "
                "{submits: {0x1401: {means: template}}}"
            ),
        ),
        (
            ("networks: {one: {prefixes: [1202], tlvs: {receipts: {0x1503: '{mcc}'}}}}",),
            (
                "0.yaml:2:54: networks.one.tlvs.receipts.0x1503: {mcc}, of which the network says nothing, "
                "allowed: what the network says of itself"
            ),
        ),
        (
            ("networks: {one: {prefixes: [1202], opt_outs: forwarded}}",),
            "0.yaml:2:36: networks.one.opt_outs: nobody asks for it, allowed: beside hub_of: toll_free",
        ),
    ],
)
def test_what_keeps_files_from_being_played_together_is_told_at_its_place(
    tmp_path: Path, files: tuple[str, ...], told: str
) -> None:
    assert checked(tmp_path, *files) == (2, [told])


def test_what_cannot_be_played_is_told_before_anything_is_served(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"scenario: 1\nnetworks: {{{name}: {{prefixes: [1202]}}}}\n")
    (tmp_path / "alone.yaml").write_text("scenario: 1\nnumbers: {magic: true}\n")
    together = CliRunner().invoke(app, ["serve", str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")])
    assert (together.exit_code, together.stderr.splitlines()[0]) == (
        2,
        f"{tmp_path}/two.yaml:2:18: networks.two.prefixes: '1202' is one's already, allowed: one network for it",
    )
    alone = CliRunner().invoke(app, ["serve", str(tmp_path / "alone.yaml")])
    assert (alone.exit_code, alone.stderr.splitlines()[0]) == (
        2,
        f"{tmp_path}/alone.yaml:2:1: numbers: not acted on yet, allowed: beside a network that has numbers",
    )


def test_a_file_that_is_to_be_laid_over_another_may_say_what_alone_is_in_vain(tmp_path: Path) -> None:
    over = "networks: {one: {opt_outs: forwarded}}"
    assert checked(tmp_path, over) == (0, [])
    assert checked(tmp_path, HUB, over) == (0, [])
