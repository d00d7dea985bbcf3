"""What is agreed with an account: what cannot be agreed, and how pauses between attempts grow."""

from itertools import pairwise
from typing import Any

import pytest

from simulator.smpp.constants import CommandId, CommandStatus
from simulator.smpp.vendor_tlvs import VendorTlv
from simulator.smsc.terms import Retry, Terms


@pytest.mark.parametrize("name", ["binds_max", "window", "deliver_window"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_below_one_is_refused_by_name(name: str, value: int) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(ValueError, match=f"{name}: {value}, at least 1"):
        Terms(**settings)


def test_the_tlvs_of_an_account_must_not_clash() -> None:
    billing = VendorTlv(0x1401, "billing_id", "cstring")
    assert Terms(vendor_tlvs=(billing,)).vendor_tlvs == (billing,)
    with pytest.raises(ValueError, match=r"^vendor_tlvs: vendor tlv route: 0x1401 is declared already, as billing_id$"):
        Terms(vendor_tlvs=(billing, VendorTlv(0x1401, "route", "int")))


def test_only_two_limits_may_be_absent() -> None:
    terms = Terms(binds_max=None, window=None, deliver_window=1)
    assert (terms.binds_max, terms.window, terms.deliver_window) == (None, None, 1)


def test_pauses_double_up_to_the_longest_and_never_shrink() -> None:
    retry = Retry()
    pauses = [retry.after(attempts) for attempts in range(1, 200)]
    assert pauses[:8] == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
    assert all(one <= next_one for one, next_one in pairwise(pauses))


def test_an_error_body_that_is_set_wins_over_the_default_and_others_keep_theirs() -> None:
    terms = Terms(error_body={CommandId.SUBMIT_SM_RESP: True, CommandId.QUERY_SM_RESP: False})
    assert terms.has_error_body(CommandId.SUBMIT_SM_RESP)
    assert not terms.has_error_body(CommandId.QUERY_SM_RESP)
    assert terms.has_error_body(CommandId.DATA_SM_RESP)
    assert not terms.has_error_body(CommandId.CANCEL_SM_RESP)


def test_the_statuses_that_mean_again_are_the_four_temporary_ones() -> None:
    assert Retry().statuses == {
        CommandStatus.ESME_RX_T_APPN,
        CommandStatus.ESME_RMSGQFUL,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RSYSERR,
    }
