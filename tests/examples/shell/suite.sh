#!/usr/bin/env bash
# A gateway's suite in bash: curl decides what the carrier does, carrier-sim waits for what came of it.
#
#   SMSC_URL=http://127.0.0.1:8775 GATEWAY_URL=http://127.0.0.1:8080/send tests/examples/shell/suite.sh
#
# carrier-sim reads SMSC_URL, too.
set -euo pipefail

smsc() { curl -q --silent --show-error --fail-with-body --noproxy '*' -H 'Content-Type: application/json' "$@"; }
when() { smsc -X POST "$SMSC_URL/api/rules" -d "$1" >/dev/null; }
send() { smsc -X POST "$GATEWAY_URL" -d "{\"to\": \"$1\", \"text\": \"$2\"}"; }

test_a_message_is_delivered() {
    send 12025550100 "hello"
    carrier-sim wait-for --to 12025550100 --state DELIVRD
}

test_a_throttled_message_is_tried_again() {
    when '{"when": {"to": "12025550101"}, "then": {"reject": "ESME_RTHROTTLED"}, "times": 2}'
    send +12025550101 "hi"
    carrier-sim wait-for --to 12025550101 --status ESME_RTHROTTLED --count 2
    carrier-sim wait-for --to 12025550101 --state DELIVRD
}

test_a_receipt_of_failure_is_acknowledged() {
    when '{"when": {"text": {"contains": "lost"}}, "then": {"deliver": "UNDELIV after 200ms"}}'
    send 12025550102 "it will be lost"
    carrier-sim wait-for --to 12025550102 --state UNDELIV --receipt acknowledged
}

failed=0
for test in $(declare -F | awk '$3 ~ /^test_/ {print $3}'); do
    smsc -X DELETE "$SMSC_URL/api/rules" >/dev/null
    smsc -X POST "$SMSC_URL/api/reset" >/dev/null
    # in a shell of its own, so that the first command that fails ends this test and not the others; not as the condition
    # of an `if`, where a shell goes on after a failure
    set +e
    (set -e; "$test") >/dev/null
    status=$?
    set -e
    if [ "$status" -eq 0 ]; then
        echo "ok $test"
    else
        echo "not ok $test"
        failed=1
    fi
done
exit "$failed"
