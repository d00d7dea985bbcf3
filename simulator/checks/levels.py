"""The names of the checks, what each asks, and how much each counts unless a scenario says otherwise.

| check | default | fails when the ESME ... |
|---|---|---|
| sequence_unique | error | uses a sequence_number again while the request that has it is unanswered (for 60 s) |
| window_kept | error | has more submissions unanswered than its account's window |
| backs_off | error | goes on within 100 ms of ESME_RTHROTTLED or ESME_RMSGQFUL (pace.py says how that is told) |
| deliveries_answered | error | does not answer a deliver_sm or data_sm of ours |
| deliveries_answered_in_time | warning | takes longer than 5 s for that answer |
| receipts_accepted | error | refuses a receipt for good: an error that does not mean "later", or a generic_nack |
| coding_fits_octets | error | declares a data_coding that its octets contradict |
| udh_sets_whole | error | sends a broken header, parts that differ in their total, or not all parts within 60 s |
| rebinds_with_pause | error | binds more than 5 times in 5 s for each session that it had at once |
| unbind_obeyed | error | submits 1 s after our unbind, or has not answered it by then |
| accepted_not_resent | warning | sends within 60 s what was accepted or is unanswered; proved it is an error |
| enquire_link_answered | error | does not answer our enquire_link |
| link_kept | warning | closes a bound link without an unbind |
| pdus_wellformed | error | sends octets that are no PDU |
| permanent_not_retried | warning | sends within 60 s what was refused for good |
| responses_expected | error | answers what nobody has asked |
| script_runs | warning | (not the ESME) the scenario itself has failed; an error where a function of it has raised |

What needs a choice is a warning, what the specification forbids an error. Here are words alone; what they mean is done
in the other files of this package.
"""

from collections.abc import Mapping
from typing import Final

ERROR: Final = "error"
WARNING: Final = "warning"
OFF: Final = "off"

COPED: Final = "coped"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"
"""Nothing was observed that could tell. Never good by default."""

LEVELS: Final[Mapping[str, str]] = {
    "sequence_unique": ERROR,
    "window_kept": ERROR,
    "backs_off": ERROR,
    "deliveries_answered": ERROR,
    "deliveries_answered_in_time": WARNING,
    "receipts_accepted": ERROR,
    "coding_fits_octets": ERROR,
    "udh_sets_whole": ERROR,
    "rebinds_with_pause": ERROR,
    "unbind_obeyed": ERROR,
    "accepted_not_resent": WARNING,
    "enquire_link_answered": ERROR,
    "link_kept": WARNING,
    "pdus_wellformed": ERROR,
    "permanent_not_retried": WARNING,
    "responses_expected": ERROR,
    "script_runs": WARNING,
}
"""Every check and the level that it has unless a scenario gives it another."""
