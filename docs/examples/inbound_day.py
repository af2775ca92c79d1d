"""One lead of the day: how well it fits, how urgent it is, and why."""

from datetime import UTC, datetime

import inbound_engine as ie


def main() -> None:
    engine = ie.Engine(ie.Policy())
    lead = ie.Lead(
        id="L-1",
        email="ana@acme.example",
        title="VP Revenue Operations",
        lead_type="demo_request",
        account=ie.Account(id="acme", country="DE", industry="fintech", employees=240),
        activities=(ie.Activity(id="a1", kind="page_view", at=datetime(2026, 3, 1, tzinfo=UTC), content="pricing"),),
    )
    print(engine.assess(lead, at=datetime(2026, 3, 2, 9, 3, tzinfo=UTC)).explain())


if __name__ == "__main__":
    main()
