"""Messages by id, and while live by who sent what to whom."""

from itertools import count

from simulator.carrier.messages import Address
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.memory.store import Store
from simulator.smsc.translate import Submission

SOURCE = Address("12025550199", 1, 1)
DESTINATION = Address("12025550100", 1, 1)


NUMBERS = count(1)


def a_message(
    message_id: str,
    *,
    account: str = "gateway",
    source: Address = SOURCE,
    destination: Address = DESTINATION,
    pdu: SubmitSm | None = None,
) -> Submission:
    return Submission(
        account,
        message_id,
        source,
        destination,
        0.0,
        0.0,
        scheduled_at=None,
        expires_at=None,
        wants_progress=False,
        part=None,
        state="ENROUTE",
        cause=None,
        done_at=None,
        number=next(NUMBERS),
        session=1,
        pdu=pdu,
        octets=b"",
    )


def conclude(store: Store, message: Submission) -> None:
    message.state = "DELIVRD"
    store.conclude(message)


def test_a_message_is_found_by_id_account_and_whole_source_address() -> None:
    store, message = Store(), a_message("1")
    store.add(message)
    assert store.find("gateway", "1", SOURCE) == [message]
    assert store.find("gateway", "2", SOURCE) == []
    assert store.find("other", "1", SOURCE) == []
    assert store.find("gateway", "1", Address("12025550199", 1, 0)) == []


def test_one_id_may_stand_for_several_and_they_are_forgotten_one_by_one() -> None:
    store = Store()
    messages = [a_message("1", destination=Address(f"1202555010{number}", 1, 1)) for number in range(3)]
    for message in messages:
        store.add(message)
    assert store.find("gateway", "1", SOURCE) == messages
    assert len(store) == 1
    for message in messages:
        conclude(store, message)
        store.forget(message)
    assert store.find("gateway", "1", SOURCE) == []
    assert len(store) == 0


def test_forgetting_what_is_not_known_leaves_its_namesake() -> None:
    store, message, namesake = Store(), a_message("1"), a_message("1")
    store.forget(message)
    store.add(message)
    store.forget(namesake)
    assert store.find("gateway", "1", SOURCE) == [message]


def test_the_live_ones_of_a_pair_are_told_oldest_first_whenever_the_question_comes() -> None:
    store, first, second, shared = Store(), a_message("1"), a_message("2"), a_message("2")
    third = a_message("3")
    for message in (first, second, shared):
        store.add(message)
    conclude(store, first)
    assert store.live("gateway", SOURCE, DESTINATION) == [second, shared]
    store.add(third)
    assert store.live("gateway", SOURCE, DESTINATION) == [second, shared, third]
    for message in (second, shared, third):
        conclude(store, message)
    assert store.live("gateway", SOURCE, DESTINATION) == []
    assert store.find("gateway", "3", SOURCE) == [third]


def test_live_ones_of_another_account_source_or_destination_are_not_told() -> None:
    store = Store()
    store.add(a_message("1"))
    other = Address("12025550101", 1, 1)
    assert store.live("other", SOURCE, DESTINATION) == []
    assert store.live("gateway", other, DESTINATION) == []
    assert store.live("gateway", SOURCE, other) == []


def test_live_ones_are_told_by_service_and_the_newest_of_it_however_many_there_are() -> None:
    store = Store()
    first, other, second, datagram = (
        a_message(str(number), pdu=SubmitSm(service_type=service, esm_class=esm_class))
        for number, (service, esm_class) in enumerate((("A", 0), ("B", 0), ("A", 0), ("A", 1)))
    )
    for message in (first, other, second, datagram):
        store.add(message)
    ends = "gateway", SOURCE, DESTINATION
    assert store.live(*ends) == [first, other, second, datagram]
    assert (store.live(*ends, "A"), store.live(*ends, "C")) == ([first, second, datagram], [])
    # what is not stored cannot be replaced
    assert (store.newest(*ends, "A"), store.newest(*ends, "B"), store.newest(*ends, "C")) == (second, other, None)
    conclude(store, second)
    assert store.newest(*ends, "A") is first
    conclude(store, first)
    assert store.newest(*ends, "A") is None
    assert store.live(*ends) == [other, datagram]


def test_room_is_counted_by_account() -> None:
    store = Store(lambda account: {"gateway": 2, "other": 5}[account])
    message = a_message("1")
    store.add(message)
    store.add(a_message("2", account="other"))
    assert (store.room["gateway"], store.room["other"]) == (1, 4)
    conclude(store, message)
    assert (store.room["gateway"], store.room["other"]) == (2, 4)
    store.clear()
    assert store.room["other"] == 5


def test_nothing_is_known_after_clearing() -> None:
    store = Store()
    store.add(a_message("1"))
    store.live("gateway", SOURCE, DESTINATION)
    store.clear()
    assert (len(store), store.live("gateway", SOURCE, DESTINATION)) == (0, [])
