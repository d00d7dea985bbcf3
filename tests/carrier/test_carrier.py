"""What the network decides: throughput, schedule, validity, progress; and that luck depends on the message alone."""

import pytest

from simulator.carrier.accounts import Account, Accounts
from simulator.carrier.carrier import THROTTLED, Carrier
from simulator.carrier.delays import Between, Fixed
from simulator.carrier.dice import Dice
from simulator.carrier.limits.throttle import Throttle
from simulator.carrier.messages import Address, Message


def a_message(
    *,
    source: str = "12025550199",
    destination: str = "12025550100",
    at: float = 1000.0,
    scheduled_at: float | None = None,
    expires_at: float | None = None,
    wants_progress: bool = False,
) -> Message:
    return Message(
        account="gateway",
        message_id="",
        source=Address(source, 1, 1),
        destination=Address(destination, 1, 1),
        submitted_at=at,
        arrived_at=at,
        scheduled_at=scheduled_at,
        expires_at=expires_at,
        wants_progress=wants_progress,
        part=None,
        state="ENROUTE",
        cause=None,
        done_at=None,
    )


def fate(verdict_of: Message, *, delay: float = 0.3, now: float = 1000.0) -> list[tuple[float, str, bool]]:
    verdict = Carrier(delay=Fixed(delay)).submit(verdict_of, Account("gateway"), now)
    return [(round(outcome.after, 3), outcome.state, outcome.is_final) for outcome in verdict.outcomes]


def test_a_plain_message_is_delivered_after_the_delay() -> None:
    assert fate(a_message()) == [(0.3, "DELIVRD", True)]


def test_a_validity_that_ends_before_the_delivery_makes_the_message_expire_at_that_moment() -> None:
    assert fate(a_message(expires_at=1000.1)) == [(0.1, "EXPIRED", True)]


def test_a_validity_that_ends_after_the_delivery_changes_nothing() -> None:
    assert fate(a_message(expires_at=1000.4)) == [(0.3, "DELIVRD", True)]


def test_validity_counts_from_the_scheduled_moment() -> None:
    assert fate(a_message(scheduled_at=5000.0, expires_at=5000.2)) == [(0.2, "EXPIRED", True)]
    assert fate(a_message(scheduled_at=5000.0, expires_at=5001.0)) == [(0.3, "DELIVRD", True)]


def test_a_sender_who_asks_for_progress_hears_of_it_halfway() -> None:
    assert fate(a_message(wants_progress=True), delay=2.0) == [(1.0, "ENROUTE", False), (2.0, "DELIVRD", True)]


def test_throughput_admits_a_second_worth_at_once_and_then_the_rate() -> None:
    carrier, account = Carrier(), Account("gateway", throughput=5.0)
    at_once = [carrier.submit(a_message(at=10.0), account, 10.0).accepted for _ in range(7)]
    assert at_once == [True] * 5 + [False] * 2
    later = [carrier.submit(a_message(at=10.4), account, 10.4).accepted for _ in range(3)]
    assert later == [True, True, False]


def test_a_throttled_message_is_refused_for_a_temporary_cause() -> None:
    carrier, account = Carrier(), Account("gateway", throughput=1.0)
    carrier.submit(a_message(), account, 1000.0)
    verdict = carrier.submit(a_message(), account, 1000.0)
    assert (verdict.accepted, verdict.cause, verdict.outcomes) == (False, THROTTLED, ())
    assert THROTTLED.is_temporary


def test_a_throttle_never_runs_fuller_than_its_burst() -> None:
    throttle = Throttle(10.0, burst=3)
    assert sum(throttle.admit(1_000_000.0) for _ in range(10)) == 3


def test_a_throttle_over_a_long_time_admits_its_rate() -> None:
    throttle = Throttle(10.0, burst=1)
    admitted = sum(throttle.admit(step / 1000) for step in range(10_000))
    assert admitted == pytest.approx(100, abs=1)


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="rate_per_second: 0"):
        Throttle(0)


def test_luck_depends_on_seed_addresses_and_occurrence_only() -> None:
    first, second = Dice(7), Dice(7)
    other = [second.throw(a_message(destination="12025550111")).draw(0) for _ in range(3)]
    draws = [first.throw(a_message()).draw(0) for _ in range(3)]
    assert draws == [second.throw(a_message(at=9.0)).draw(0) for _ in range(3)]
    assert len({*draws, *other}) == 6
    assert Dice(8).throw(a_message()).draw(0) not in draws


def test_luck_is_spread_evenly() -> None:
    dice = Dice(1)
    draws = [dice.throw(a_message(destination=str(number))).draw(3) for number in range(2000)]
    assert sum(draws) / 2000 == pytest.approx(0.5, abs=0.03)
    assert all(0 <= draw < 1 for draw in draws)


def test_luck_starts_over_at_a_reset() -> None:
    dice = Dice(3)
    first = dice.throw(a_message()).draw(0)
    dice.throw(a_message())
    dice.reset()
    assert dice.throw(a_message()).draw(0) == first


def test_the_dice_remember_a_bounded_number_of_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.carrier.dice.PAIRS_MAX", 2)
    dice = Dice(3)
    first = dice.throw(a_message(destination="1")).draw(0)
    dice.throw(a_message(destination="2"))
    dice.throw(a_message(destination="3"))
    assert dice.throw(a_message(destination="1")).draw(0) == first


def test_a_spread_delay_follows_the_luck_of_the_message() -> None:
    carrier = Carrier(seed=5, delay=Between(1.0, 3.0))
    spans = [carrier.submit(a_message(), Account("gateway"), 0.0).outcomes[0].after for _ in range(20)]
    carrier.reset()
    again = [carrier.submit(a_message(), Account("gateway"), 0.0).outcomes[0].after for _ in range(20)]
    assert spans == again
    assert all(1.0 <= span < 3.0 for span in spans)
    assert len(set(spans)) == 20


def test_draws_by_name_are_the_messages_own_and_never_shift_each_other() -> None:
    draws = [[luck.of("a"), luck.of("b")] for luck in (Dice(1).throw(a_message()), Dice(1).throw(a_message()))]
    assert draws[0] == draws[1]
    assert draws[0][0] != draws[0][1]
    assert Dice(2).throw(a_message()).of("a") != draws[0][0]
    assert all(0.0 <= draw < 1.0 for draw in draws[0])


def test_an_answer_takes_its_time_and_the_delivery_counts_from_it() -> None:
    fixed = Carrier(respond=Fixed(2.0)).plan(a_message(), 1000.0)
    assert (fixed.respond_after, fixed.outcomes[0].after) == (2.0, 0.3)
    verdicts = [Carrier(seed=seed, respond=Between(1.0, 3.0)).plan(a_message(), 1000.0) for seed in (1, 1, 2)]
    assert verdicts[0] == verdicts[1] != verdicts[2]
    assert all(1.0 <= one.respond_after <= 3.0 for one in verdicts)


def test_a_burst_may_be_larger_than_a_second_worth() -> None:
    throttle = Account("gateway", throughput=1.0, burst=3).throttle
    assert throttle is not None
    assert [throttle.admit(100.0) for _ in range(4)] == [True] * 3 + [False]


def test_an_open_house_makes_an_account_of_whoever_comes() -> None:
    accounts = Accounts()
    account = accounts.admit("anybody", "whatever")
    assert account is not None
    assert account.name == "anybody"
    assert accounts.admit("anybody", "something else") is account


def test_with_accounts_given_only_those_are_admitted() -> None:
    accounts = Accounts([Account("gateway", "secret")])
    assert accounts.admit("gateway", "secret") is not None
    assert accounts.admit("gateway", "Secret") is None
    assert accounts.admit("stranger", "secret") is None
    assert (accounts.knows("gateway"), accounts.knows("stranger")) == (True, False)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(Account("gateway", "secret"))


def test_the_owner_of_a_number_is_found() -> None:
    owner = Account("gateway", numbers=frozenset({"12025550199"}))
    accounts = Accounts([Account("other"), owner])
    assert accounts.owner_of("12025550199") is owner
    assert accounts.owner_of("12025550198") is None
    assert accounts.get("gateway") is owner


def test_a_reset_fills_the_throttles() -> None:
    account = Account("gateway", throughput=1.0)
    accounts = Accounts([account, Account("other")])
    assert account.throttle is not None
    assert account.throttle.admit(1.0)
    assert not account.throttle.admit(1.0)
    accounts.reset()
    assert account.throttle.admit(1.0)
    assert [one.name for one in accounts] == ["gateway", "other"]
