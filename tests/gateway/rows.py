"""The 120 feature rows of the messaging platforms: which tests show a row at the gateway, or why none does (6.10).

A row has tests, a reason, or both: then the reason says what is still missing. Tests are named without their files, as
files may move; test_rows.py looks for them. ``python -m tests.gateway.rows`` prints the rows that have a reason.
"""

from typing import NamedTuple

ENTERS = "test_a_message_enters_by_each_api_and_is_delivered"
MATRIX = "test_signalwire_tells_status_code_and_charge"
BROKEN = "test_a_rule_that_is_broken_is_named"
ACCOUNT = "test_the_account_and_its_numbers_have_rules"
JSON_API = "test_a_rule_that_is_broken_is_an_error_of_json_api"
BAD_FIELD = "test_a_bad_field_is_named"
NO_MMS = "no carrier here takes MMS yet: media are validated, and refused by the dialect's own code"
NO_FETCH = "media are fetched by nobody before there is a carrier that takes them"
REGISTRY = "the subset of SignalWire's Campaign Registry (6.4) is not built yet"


class Row(NamedTuple):
    """One capability."""

    number: int
    title: str
    tests: tuple[str, ...]
    reason: str = ""


ROWS = (
    Row(1, "send SMS by HTTP", (ENTERS,)),
    Row(2, "send MMS by HTTP", (BROKEN, JSON_API), NO_MMS),
    Row(3, "force MMS without media", (BROKEN, JSON_API), NO_MMS),
    Row(4, "SMS or MMS by media or flag", (BROKEN, JSON_API, "test_a_message_is_created_and_queued")),
    Row(5, "body or media required", ("test_the_error_reads_as_the_sample", JSON_API)),
    Row(6, "the provider's limit of a body", (BROKEN, "test_1600_characters_are_taken", JSON_API, BAD_FIELD)),
    Row(7, "format of destinations", ("test_destinations_have_5_to_17_digits", BROKEN, JSON_API, BAD_FIELD)),
    Row(8, "988 and +988", ("test_a_message_goes_from_a_short_code_and_to_988",)),
    Row(9, "source must be purchased", (BROKEN, JSON_API)),
    Row(
        10,
        "source may be a short code",
        ("test_a_message_goes_from_a_short_code_and_to_988", "test_short_codes_and_toll_free_numbers_send"),
    ),
    Row(11, "verified caller ids are no source", (ACCOUNT,)),
    Row(12, "alphanumeric senders of 11", (ENTERS, BAD_FIELD)),
    Row(
        13,
        "registered senders only, and their list",
        ("test_a_sender_that_is_not_registered_is_not_found", "test_senders_are_listed_with_their_states"),
    ),
    Row(14, "at most 8 media by http or https", (BROKEN,)),
    Row(15, "types and sizes of media", (BROKEN, "test_media_are_looked_at_before_they_are_refused"), NO_FETCH),
    Row(16, "media brought into a common form", (), NO_FETCH),
    Row(17, "500 recipients", ("test_500_recipients_are_taken_and_501_are_not",)),
    Row(
        18,
        "scheduled delivery",
        (
            "test_a_scheduled_dispatch_waits_and_is_paid_for",
            "test_a_scheduled_message_waits_for_its_hour_and_counts",
            BAD_FIELD,
        ),
    ),
    Row(
        19,
        "fast dispatch on a premium route",
        (
            "test_fast_dispatch_goes_first_and_may_cost_more",
            "test_fast_messages_go_to_the_premium_carrier_first",
        ),
    ),
    Row(
        20,
        "a callback URL per message",
        (
            "test_custom_variables_and_the_callback_are_kept",
            "test_receipts_of_both_levels_are_told",
            "test_a_delivery_is_told_as_in_the_sample",
        ),
    ),
    Row(21, "callbacks by https only", ("test_callbacks_go_by_https_or_to_this_machine", BAD_FIELD)),
    Row(
        22,
        "answer by SWML or RELAY",
        ("test_a_swml_document_replies_and_forwards",),
        "RELAY is a WebSocket protocol of its own, outside the REST APIs",
    ),
    Row(23, "three APIs below one host", (ENTERS, "test_the_three_are_described_together")),
    Row(24, "HTTP Basic", ("test_only_a_token_with_the_scope_may", "test_only_a_key_with_its_secret_may")),
    Row(25, "bearer keys", ("test_only_a_good_key_may",)),
    Row(26, "scopes of tokens", ("test_only_a_token_with_the_scope_may",)),
    Row(
        27,
        "HTTPS only, secret keys",
        ("test_a_secret_is_not_told_by_an_error_of_the_configuration",),
        "the gateway serves plain HTTP on this machine; whoever wants TLS puts a proxy before it",
    ),
    Row(
        28,
        "projects see their own only",
        (
            "test_another_projects_message_is_not_found",
            "test_another_keys_record_is_not_found",
            "test_another_accounts_message_is_not_found",
        ),
    ),
    Row(29, "the message object", ("test_a_message_is_created_and_queued",)),
    Row(
        30,
        "life of a status",
        ("test_each_change_of_status_is_told_and_signed", "test_an_order_is_queued_initiated_sent_and_delivered"),
    ),
    Row(31, "status read", (), "no channel here has reports of reading: they come with MMS"),
    Row(32, "failed never left", (MATRIX, "test_what_a_carrier_refuses_is_told_by_each_api")),
    Row(33, "error_code and error_message", (MATRIX, "test_every_code_that_can_be_told_has_words")),
    Row(34, "errors[] with several entries", ("test_the_error_reads_as_the_sample", BROKEN)),
    Row(
        35,
        "error and message, seven statuses",
        (
            BAD_FIELD,
            "test_only_a_good_key_may",
            "test_a_wallet_is_spent_to_nothing_and_never_in_part",
            "test_an_unknown_message_is_not_found",
            "test_too_many_requests_wait_for_the_reset",
            "test_a_dialect_fails_as_often_as_it_is_asked_to",
        ),
    ),
    Row(36, "errors of JSON:API", (JSON_API,)),
    Row(37, "the published codes", (MATRIX, BROKEN, "test_every_code_that_can_be_told_has_words")),
    Row(38, "look up by id", (ENTERS,)),
    Row(
        39,
        "lists by date, in pages",
        (
            "test_logs_are_walked_both_ways_as_the_store_keeps_them",
            "test_logs_are_filtered_by_date",
            "test_records_are_listed_in_pages",
            "test_records_are_listed_by_date",
        ),
    ),
    Row(40, "content of a record", ("test_a_record_has_both_levels",)),
    Row(41, "redaction", ("test_a_message_is_redacted_for_good", "test_a_message_in_progress_is_not_redacted")),
    Row(42, "one id everywhere", (ENTERS, "test_each_change_of_status_is_told_and_signed")),
    Row(43, "reports per recipient", ("test_recipients_may_end_differently",)),
    Row(44, "carrier in a report", ("test_a_status_reports_each_recipient",)),
    Row(
        45,
        "latency in milliseconds",
        (
            "test_a_status_reports_each_recipient",
            "test_the_latency_of_a_scheduled_message_begins_at_its_hour",
        ),
    ),
    Row(46, "direction", ("test_an_inbound_message_asks_for_swml", "test_an_inbound_message_is_told_whole")),
    Row(
        47,
        "a callback at each change",
        ("test_each_change_of_status_is_told_and_signed", "test_each_dialect_calls_back_in_its_own_words"),
    ),
    Row(48, "receipts of two levels", ("test_a_record_has_both_levels", "test_receipts_of_both_levels_are_told")),
    Row(49, "a global webhook", ("test_the_global_webhook_hears_what_names_no_other",)),
    Row(
        50,
        "webhooks of number and account",
        ("test_a_message_goes_before_its_number_and_that_before_the_account", "test_an_inbound_message_is_told_whole"),
    ),
    Row(
        51,
        "inbound SMS by webhook",
        (
            "test_an_inbound_message_asks_for_swml",
            "test_cxml_is_asked_by_a_signed_form",
            "test_an_inbound_message_is_told_whole",
        ),
    ),
    Row(52, "inbound MMS by webhook", (), "inbound media come with MMS"),
    Row(
        53,
        "a number without a webhook does nothing",
        ("test_an_inbound_message_for_a_number_without_a_url_does_nothing", "test_without_a_webhook_nothing_is_told"),
    ),
    Row(
        54,
        "respond to inbound",
        ("test_a_cxml_answer_reaches_the_handset", "test_a_swml_document_replies_and_forwards"),
    ),
    Row(
        55,
        "forward inbound",
        ("test_a_swml_answer_forwards_to_another_handset", "test_a_cxml_document_replies_and_forwards"),
    ),
    Row(
        56,
        "callbacks are tried again",
        (
            "test_what_was_not_taken_is_sent_again",
            "test_after_the_last_try_it_is_given_up",
            "test_a_redirect_is_followed_with_the_body_where_307_says_so",
            "test_who_never_answers_is_not_waited_for_longer_than_the_policy_says",
        ),
    ),
    Row(
        57,
        "callbacks are best effort, the truth is asked for",
        ("test_a_receipt_that_comes_again_is_counted_and_told_once", ENTERS),
    ),
    Row(
        58,
        "callbacks name their message and are signed",
        (
            "test_each_dialect_calls_back_in_its_own_words",
            "test_a_tampered_body_has_another_signature",
            "test_cxml_is_asked_by_a_signed_form",
        ),
        "SignalSMS publishes no signature, so its callbacks have none",
    ),
    Row(59, "segments of GSM", ("test_segments_are_those_on_the_air",)),
    Row(60, "segments of UCS-2", ("test_segments_are_those_on_the_air",)),
    Row(
        61,
        "count and price of segments",
        ("test_segments_are_counted_by_140_for_the_price", "test_the_price_is_that_of_country_and_segments"),
    ),
    Row(
        62,
        "inbound parts are joined",
        (
            "test_parts_are_joined_in_whatever_order_they_come",
            "test_a_missing_part_is_waited_for_so_long_and_then_an_ellipsis",
            "test_a_part_that_comes_twice_counts_once",
        ),
    ),
    Row(63, "a carrier's limit of parts", (), "the carrier's to set; the gateway sends what its dialects allow"),
    Row(64, "pace by kind of number", ("test_a_pace_counts_segments", "test_senders_take_turns")),
    Row(65, "toll-free raised to 100", (), "a number's own pace is configuration; no test of its own yet"),
    Row(
        66,
        "5 SMS and 1 MMS a second, 429 beyond",
        ("test_five_messages_a_second_are_taken_and_none_is_queued", "test_one_mms_a_second_is_looked_at"),
    ),
    Row(67, "a backlog of 10,000", ("test_the_bound_is_each_space_s_own", ACCOUNT)),
    Row(
        68,
        "overflow fails or queues",
        (
            "test_five_messages_a_second_are_taken_and_none_is_queued",
            "test_a_throttled_message_stays_and_the_carrier_is_left_alone",
        ),
    ),
    Row(
        69,
        "headers of the rate, and 429",
        ("test_every_answer_tells_what_is_left", "test_writes_are_limited_and_reads_are_not"),
    ),
    Row(70, "backoff of clients", (), "the duty of whoever calls the gateway"),
    Row(71, "a larger queue by approval", ("test_a_space_s_backlog_is_bounded_and_nothing_is_taken_in_part",)),
    Row(72, "order and fairness", ("test_without_a_pace_all_leave_at_once_in_their_order", "test_senders_take_turns")),
    Row(73, "high throughput", (), "measured under load (6.13), not asserted by a test"),
    Row(74, "brands", (), REGISTRY),
    Row(75, "campaigns", (), REGISTRY),
    Row(76, "numbers assigned to campaigns", (), REGISTRY),
    Row(77, "callbacks of the registration", (), REGISTRY),
    Row(78, "new numbers cannot send", (ACCOUNT,)),
    Row(
        79,
        "the free trial",
        (
            "test_a_trial_sends_to_verified_numbers_with_a_prefix",
            "test_a_trial_ends_with_the_200th_message_of_the_day",
        ),
    ),
    Row(80, "unregistered traffic", (MATRIX, "test_who_is_not_registered_is_blocked_in_the_united_states")),
    Row(81, "AT&T by the minute", (MATRIX, "test_a_class_is_full_at_its_figure_and_free_the_next_minute")),
    Row(82, "T-Mobile by the day", (MATRIX, "test_the_day_begins_at_midnight_in_los_angeles")),
    Row(
        83,
        "throughput by score",
        ("test_the_classes_have_their_published_figures",),
        "the gateway paces by its own configuration and reads no carrier's limits",
    ),
    Row(84, "numbers that only receive", (ACCOUNT,)),
    Row(85, "toll-free verification", (MATRIX, "test_toll_free_numbers_that_are_not_verified_fare_by_the_day")),
    Row(86, "short codes are provisioned", (MATRIX, "test_a_short_code_is_provisioned_network_by_network")),
    Row(87, "the approved limit is watched", (), "the gateway reads no carrier's limits"),
    Row(
        88,
        "one-time passwords are no exemption",
        ("test_who_is_not_registered_is_blocked_in_the_united_states",),
    ),
    Row(89, "feedback of carriers", (), "no carrier here sends a feed of complaints"),
    Row(
        90,
        "a log of consent",
        ("test_stop_is_confirmed_once_and_obeyed_until_start",),
        "the core keeps it, and no route tells it yet",
    ),
    Row(
        91,
        "STOP and HELP by the platform",
        (
            "test_one_word_alone_is_a_keyword",
            "test_an_inbound_stop_is_answered_by_the_platform_and_told_nobody_else",
            "test_an_opted_out_subscriber_gets_nothing_but_the_confirmation",
        ),
    ),
    Row(92, "STOP left to the customer", ("test_an_opt_out_is_the_customers_where_the_platform_minds_none",)),
    Row(
        93,
        "toll-free opt-out by the network",
        (MATRIX, "test_stop_to_a_toll_free_number_blocks_the_pair_until_unstop"),
    ),
    Row(
        94,
        "a high rate of opt-outs",
        ("test_opt_outs_are_watched_at_the_published_rates",),
        "the carrier counts; the gateway has no metric of it",
    ),
    Row(95, "no marketing without consent", (), "no field of these APIs says that a message is marketing"),
    Row(96, "prohibited content", ("test_the_filter_marks_what_is_to_fail",)),
    Row(
        97,
        "public URL shorteners",
        ("test_the_filter_marks_what_is_to_fail", "test_links_by_public_shorteners_are_found_by_their_hosts"),
    ),
    Row(98, "one text from many senders", ("test_one_text_from_as_many_senders_as_are_too_many_is_found",)),
    Row(99, "delivery by kind of number", (), "the carrier's doing; the gateway has no part in it"),
    Row(
        100,
        "charged when sent",
        (MATRIX, "test_a_log_tells_the_charge_once_it_is_sent", "test_what_a_carrier_does_not_deliver_is_charged"),
    ),
    Row(
        101,
        "carriers' fees are passed through",
        ("test_carrier_fees_are_passed_through",),
        "outbound: inbound messages are not charged yet",
    ),
    Row(102, "rates of 190 countries", ("test_rates_are_those_of_the_sample_and_of_190_countries_more",)),
    Row(
        103,
        "the wallet",
        (
            "test_the_arithmetic_is_that_of_the_sample",
            "test_a_wallet_is_spent_to_nothing_and_never_in_part",
            "test_two_dispatches_at_once_do_not_spend_the_same_money",
            "test_the_balance_tells_the_last_topup",
        ),
    ),
    Row(104, "the alert of an almost empty wallet", ("test_an_almost_empty_wallet_is_told_once",)),
    Row(
        105,
        "billing by segment",
        ("test_segments_are_those_on_the_air", "test_the_price_is_that_of_country_and_segments"),
    ),
    Row(106, "kinds of numbers", ("test_short_codes_and_toll_free_numbers_send", MATRIX)),
    Row(107, "numbers bought by API", (), "numbers are configuration; only their webhooks are set by API"),
    Row(108, "voice on the same number", (), "voice is out of scope"),
    Row(
        109,
        "the destination's carrier",
        ("test_a_status_reports_each_recipient", "test_the_longest_prefix_tells_the_network"),
    ),
    Row(110, "many countries", ("test_a_country_is_the_one_of_the_longest_prefix",)),
    Row(
        111,
        "routes and failover",
        (
            "test_the_longest_prefix_wins_and_the_other_takes_over",
            "test_the_second_carrier_takes_over_and_the_first_is_used_again_when_it_is_back",
        ),
    ),
    Row(112, "inbound payloads of 1.5 MB", (), "inbound media come with MMS"),
    Row(113, "numbers for alerting", ("test_the_health_counts_what_went_to_which_carrier",)),
    Row(114, "filtering is told", (MATRIX,)),
    Row(115, "a portal", (), "optional: records and logs are told by the APIs"),
    Row(116, "a message's trace", (), "the core keeps the carriers' ids, and no route tells them yet"),
    Row(
        117,
        "retries by the class of an error",
        (
            "test_a_permanent_error_fails_at_once_and_costs_nothing",
            "test_a_temporary_error_is_tried_again_after_pauses_that_double",
        ),
    ),
    Row(
        118,
        "500 and 503",
        ("test_a_dialect_fails_as_often_as_it_is_asked_to", "test_a_slow_answer_is_the_same_answer_later"),
    ),
    Row(119, "patterns of load", (), "the harness's scenarios"),
    Row(120, "passwords within seconds", ("test_what_is_urgent_passes_what_its_sender_has_waiting",)),
)


def reasons() -> list[str]:
    """The rows that something is missing of, a line each."""
    return [f"{row.number:3} {row.title}: {row.reason}" for row in ROWS if row.reason]


if __name__ == "__main__":
    print(*reasons(), sep="\n")  # noqa: T201
