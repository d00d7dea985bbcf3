"""A verdict as JSON and as JUnit's XML, the same for GET /api/verdict and for `serve --report FILE`: form number 1.

    {"version": 1, "outcome": "failed", "is_bad": true, "scenarios": ["quirks/x"], "seed": 7,
     "events": {"submitted": 3}, "waiting": 0, "pending": 0,
     "expectations": [FINDING], "checks": [FINDING], "quirks": [FINDING]}

A FINDING is ``name``, ``level`` (error, warning, off), ``outcome`` (coped, failed, unknown), ``reason`` in words,
``seen`` (how often it could have failed), ``failures``, ``truncated`` (whether something may have gone unseen) and
``evidence``: a list of ``event`` (number in the journal since the last reset, from 0), ``at`` (carrier time),
``session`` (0: none), ``told``, and, where a PDU shows it, ``pdu`` in hexadecimal and ``decoded`` as `carrier-sim
decode --json` has it. ``events`` are counts by kind, ``waiting`` deliveries that no receiver has taken,
``pending`` deeds of the agenda. Members may be added to this form.

It knows shapes and words, and judges nothing.
"""

import re
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simulator.checks.findings import Exhibit, Finding
from simulator.checks.levels import FAILED, OFF, UNKNOWN
from simulator.control.answers import Refusal
from simulator.control.moments import moment_text
from simulator.scenario.ledger import UnknownMessage
from simulator.smpp.dissect import as_json, dissect
from simulator.smsc.memory.watch import NothingExpected, Verdict, Watch
from simulator.smsc.smsc import Smsc

FORM: Final = 1

_UNPRINTABLE: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for, not even as a reference."""


def verdict_json(verdict: Verdict, smsc: Smsc) -> dict[str, Any]:
    """The verdict with the counts of the run that it is about."""
    return {
        "version": FORM,
        "outcome": verdict.outcome,
        "is_bad": verdict.is_bad,
        "scenarios": list(verdict.scenarios),
        "seed": smsc.seed,
        "events": {kind: number for kind, number in smsc.journal.counts.items() if number},
        "waiting": smsc.waiting(),
        "pending": len(smsc.agenda),
        "expectations": [finding_json(finding) for finding in verdict.expectations],
        "checks": [finding_json(finding) for finding in verdict.checks],
        "quirks": [finding_json(finding) for finding in verdict.quirks],
    }


def asked_of(watch: Watch | None) -> Watch:
    """Who judges this run. Raises Refusal where nobody does."""
    if watch is None:
        raise Refusal("not_asked", "nothing is judged here: serve with --report, or a scenario that has `expect:`")
    return watch


def observed_json(watch: Watch, message: str, status: str) -> dict[str, Any]:
    """What the gateway says of a message, and which one was meant. Raises Refusal where there is none."""
    try:
        entry = watch.observe(message, status)
    except UnknownMessage as error:
        raise Refusal("not_found", str(error), candidates=error.nearest) from error
    except NothingExpected as error:
        raise Refusal("not_asked", str(error)) from error
    return {"id": str(entry.number), "status": status, "told": len(entry.observations)}


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding with its evidence."""
    return {
        "name": finding.name,
        "level": finding.level,
        "outcome": finding.outcome,
        "reason": finding.reason,
        "seen": finding.seen,
        "failures": finding.failures,
        "truncated": finding.is_truncated,
        "evidence": [_exhibit_json(one) for one in finding.evidence],
    }


def _exhibit_json(exhibit: Exhibit) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "event": exhibit.event,
        "at": moment_text(exhibit.at),
        "session": exhibit.session,
        "told": exhibit.told,
    }
    if exhibit.pdu:
        # of a long one the beginning was kept: it reads as one that was cut
        shown |= {"pdu": exhibit.pdu.hex(), "decoded": as_json(dissect(exhibit.pdu)[0])}
    return shown


def verdict_xml(verdict: Verdict) -> bytes:
    """The verdict as one JUnit test suite: a test case for each expectation, quirk and check, those off left out.

    What has failed as a warning is a passed test case with the reason in its <system-out>: a build goes on with it.
    """
    groups = (("expectations", verdict.expectations), ("quirks", verdict.quirks), ("checks", verdict.checks))
    cases = [(group, finding) for group, some in groups for finding in some if finding.level != OFF]
    failures = sum(finding.is_bad for _, finding in cases)
    skipped = sum(finding.outcome == UNKNOWN for _, finding in cases)
    suite = Element(
        "testsuite",
        name="carrier-sim",
        tests=str(len(cases)),
        failures=str(failures),
        errors="0",
        skipped=str(skipped),
    )
    for group, finding in cases:
        case = SubElement(suite, "testcase", classname=f"carrier-sim.{group}", name=_clean(finding.name))
        if finding.is_bad:
            SubElement(case, "failure", message=_clean(finding.reason), type=finding.level).text = _text(finding)
        elif finding.outcome == UNKNOWN:
            SubElement(case, "skipped", message=_clean(finding.reason))
        elif finding.outcome == FAILED:
            SubElement(case, "system-out").text = f"{finding.level}: {_text(finding)}"
    indent(suite)
    octets: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return octets + b"\n"


def _text(finding: Finding) -> str:
    lines = [finding.reason]
    for one in finding.evidence:
        lines.append(f"event {one.event}, {moment_text(one.at)}, session {one.session}: {one.told}")
        if one.pdu:
            lines.append(f"  {one.pdu.hex()}")
    return _clean("\n".join(lines))


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
