"""The journey of staff: a flight, its inventory, why a class is open, its limit, the audit log."""

from __future__ import annotations

import secrets
import sys
from datetime import date

from expect import CLIENT_ID, CLIENT_SECRET, CUTTING_URL, URL, distinct, equal
from fareway_private_v1 import (
    ClassInventory,
    ClassLimitInput,
    DeveloperAccountInput,
    Fareway,
    Inventory,
    LimitsInput,
    PreconditionFailed,
)

DAY = date(2027, 4, 15)


def economy(inventory: Inventory) -> list[ClassInventory]:
    [cabin] = [cabin for cabin in inventory.cabins if cabin.cabin == "economy"]
    return list(cabin.classes)


def limits(inventory: Inventory, **others: int) -> LimitsInput:
    """The limits of economy as they are, but for some."""
    classes = [
        (found.booking_class, others.get(found.booking_class, found.limit))
        for found in economy(inventory)
    ]
    return LimitsInput(
        cabin="economy",
        limits=[ClassLimitInput(booking_class=name, limit=limit) for name, limit in classes],
    )


def journey(fareway: Fareway) -> str:
    flight = next(fareway.iter_flights("BA", DAY, origin="LHR", destination="JFK"))
    found = fareway.answers.get_inventory(flight.id)
    lowest = economy(found.body)[-1].booking_class
    equal(
        "whether the class is open", fareway.explain_availability(flight.id, lowest).available, True
    )
    closed = fareway.answers.set_limits(
        flight.id, limits(found.body, **{lowest: 0}), if_match=found.etag
    )
    why = fareway.explain_availability(flight.id, lowest)
    equal(
        "why the class is closed",
        (why.available, why.reason, why.binding_class),
        (False, "limit", lowest),
    )
    restored = fareway.set_limits(flight.id, limits(found.body), if_match=closed.etag)
    equal("the limits", limits(restored), limits(found.body))
    checked = fareway.verify_audit_events()
    equal("whether nobody touched the log", (checked.valid, checked.broken_at), (True, None))
    return f"{flight.id} {lowest} closed and open again, {checked.events} audit events"


def failure(fareway: Fareway) -> str:
    flight = next(fareway.iter_flights("BA", DAY, origin="LHR", destination="JFK"))
    found = fareway.answers.get_inventory(flight.id)
    lowest = economy(found.body)[-1].booking_class
    closed = fareway.answers.set_limits(
        flight.id, limits(found.body, **{lowest: 0}), if_match=found.etag
    )
    try:
        fareway.set_limits(flight.id, limits(found.body), if_match=found.etag)
    except PreconditionFailed as problem:
        fareway.set_limits(flight.id, limits(found.body), if_match=closed.etag)
        return f"{problem.code} in {problem.request_id}"
    sys.exit("limits that somebody has set since were overwritten")


def paging(fareway: Fareway) -> str:
    flights = distinct(
        "flights",
        (flight.id for flight in fareway.iter_flights("BA", DAY, origin="LHR", limit=40)),
        100,
    )
    events = distinct("audit events", (event.id for event in fareway.iter_audit_events(limit=1)), 3)
    return f"{flights} flights by 40, {events} audit events by 1"


def retry(fareway: Fareway) -> str:
    name = f"python-{secrets.token_hex(8)}"
    with Fareway(CUTTING_URL, client_id=CLIENT_ID, client_secret=CLIENT_SECRET) as cutting:
        answer = cutting.answers.create_account(DeveloperAccountInput(name=name))
    equal("whether the answer was given before", answer.replayed, True)
    made = [account.id for account in fareway.iter_accounts() if account.name == name]
    equal("the accounts that were made", made, [answer.body.id])
    return f"{answer.body.id} made once, its answer lost once"


with Fareway(URL, client_id=CLIENT_ID, client_secret=CLIENT_SECRET) as fareway:
    for part in (journey, failure, paging, retry):
        print(f"{part.__name__}: {part(fareway)}")
