"""What follows from what happened?

A case is one lead from its first form on. The rooms know what each of them does; this document says what one of them sets off in
another: which lifecycle events the arrival of a lead reports, which clock opens on what, which stages end touches and clocks, what a
reply means to the cadence, which event an enrolment reports. `cases` follows it.

A row that names a table, a stage or an event which the policy does not have sets nothing off: a policy with a lifecycle of its own
takes from the playbook what it can use, and `linting.lint` tells the rest. What a policy brings itself is refused when it loads.
"""

from collections.abc import Collection, Iterator
from typing import Literal

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine.conditions import Condition, Questions, Rule
from inbound_engine.conditions import compile as compile_condition
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import Problem, nearest, one_of, shown
from inbound_engine.plans import ExitKind
from inbound_engine.vocabulary import ActivityKind, View, Vocabulary

__all__ = [
    "CaseDocument",
    "ClockRow",
    "EnrolmentRow",
    "ExitRow",
    "NurtureRow",
    "Rules",
    "StageRow",
    "compile",
    "strangers",
]


# ------------------------------------------------------------------------------------------------------------ documents


class ClockRow(Document):
    """A clock of the table `table` opens: when the lead is `assessed` and promised an answer, when it is `handed_off` to sales, when
    it is `assigned` to a rep, or when its record enters `stage`."""

    id: Id
    table: Id
    opens_on: Literal["assessed", "handed_off", "assigned", "stage"]
    stage: Id | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "ClockRow":
        if (self.stage is None) == (self.opens_on == "stage"):
            expected = "the stage that opens it" if self.stage is None else f"nothing where it opens on {self.opens_on}"
            refuse([Problem("stage", shown(self.stage), expected)])
        return self


class StageRow(Document):
    """What entering one of `stages` sets off: an exit from the cadence, the end of clocks that nothing has ended yet (CL-14).

    With `left` only where the record came from one of those. `ends` says that the enquiry is over: who comes back after it is a new
    one, for whom somebody is sought anew.
    """

    id: Id
    stages: Rows[Id] = Field(min_length=1)
    left: Rows[Id] = ()
    exit: ExitKind | None = None
    cancels: bool = False
    ends: bool = False
    source: Label = ""


class ExitRow(Document):
    """An exit from the cadence: the activity kinds that mean it, the lifecycle event that it reports, whether it ends clocks."""

    id: ExitKind
    kinds: Rows[ActivityKind] = ()
    reports: Id | None = None
    cancels: bool = False
    source: Label = ""


class EnrolmentRow(Document):
    """The lifecycle event that an enrolment in the programme `id` reports (CD-1)."""

    id: Id
    reports: Id
    source: Label = ""


class NurtureRow(Document):
    """Leads of whom `when` is true and whom no person is to have are enrolled in the programme `id` (TI-2, SL-3)."""

    id: Id
    label: Label = ""
    when: Condition
    source: Label = ""


class CaseDocument(Document):
    """What sets off what, in the life of one lead.

    `about` is what the machine is about; `arrival` are the events that are reported when a lead comes in, in order, those whose
    guard does not hold being left out. `scored` is reported when the tier or the hand-off has changed, `recycled` when nobody answered
    (SL-2), `reactivated` when engagement returned (LC-7), `opened`, `won` and `lost` by opportunities. `delivered` is the milestone
    of an assignment to a rep (SL-1). Of `nurture` the first row that is true counts.
    """

    about: Id = "lead"
    arrival: Rows[Id] = ()
    scored: Id = "scored"
    recycled: Id = "recycled"
    reactivated: Id = "reactivated"
    opened: Id = "opportunity_opened"
    won: Id = "won"
    lost: Id = "lost"
    delivered: Id = "delivered"
    clocks: UniqueRows[ClockRow] = ()
    stages: UniqueRows[StageRow] = ()
    exits: UniqueRows[ExitRow] = ()
    enrolments: UniqueRows[EnrolmentRow] = ()
    nurture: UniqueRows[NurtureRow] = ()
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "CaseDocument":
        taken: dict[str, str] = {}
        problems = []
        for row in self.exits:
            for kind in row.kinds:
                if taken.setdefault(kind, row.id) != row.id:
                    saw = f"{kind}, which means {taken[kind]} too"
                    problems.append(Problem(f"exits[{row.id}].kinds", saw, "a kind that means one exit", "Remove it from one of them."))
        refuse(problems)
        return self


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """What follows, by what it follows from."""

    document: CaseDocument
    clocks: tuple[ClockRow, ...]
    exits: dict[str, ExitRow]
    exits_by_kind: dict[str, ExitRow]
    enrolments: dict[str, EnrolmentRow]
    nurture: tuple[tuple[NurtureRow, Rule], ...]

    def entering(self, stage: str, left: str | None) -> Iterator[StageRow]:
        """The rows that entering the stage from another sets off, in order."""
        return (row for row in self.document.stages if stage in row.stages and (not row.left or left in row.left))

    def programme(self, view: View) -> str | None:
        """The programme in which a lead is enrolled whom no person is to have; None where it gets none."""
        return next((row.id for row, rule in self.nurture if rule.test(view)), None)

    def ended(self, stage: str) -> bool:
        """Whether the enquiry of a record that stands there is over, wherever it came from."""
        return any(row.ends and stage in row.stages and not row.left for row in self.document.stages)


def compile(document: CaseDocument, tables: Collection[str], words: Vocabulary, questions: Questions) -> Rules:
    """The document made ready; of the clocks those whose table there is.

    >>> from inbound_engine.vocabulary import FactsDocument
    >>> from inbound_engine.vocabulary import compile as compile_vocabulary
    >>> document = CaseDocument(clocks=[{"id": "review", "table": "review", "opens_on": "assigned"}])
    >>> compile(document, ["review"], compile_vocabulary(FactsDocument()), Questions()).clocks[0].id
    'review'
    """
    return Rules(
        document=document,
        clocks=tuple(row for row in document.clocks if row.table in tables),
        exits={row.id: row for row in document.exits},
        exits_by_kind={kind: row for row in document.exits for kind in row.kinds},
        enrolments={row.id: row for row in document.enrolments},
        nurture=tuple((row, compile_condition(row.when, words, questions)) for row in document.nurture),
    )


def strangers(document: CaseDocument, stages: Collection[str], events: Collection[str], tables: Collection[str]) -> Iterator[Problem]:
    """The stages, events and tables that the document names and the policy does not have.

    >>> document = CaseDocument(enrolments=[{"id": "nurture", "reports": "recyceld"}], scored="scored")
    >>> for problem in strangers(document, [], ["recycled", *"scored reactivated opportunity_opened won lost".split()], []):
    ...     print(problem)
    enrolments[nurture].reports: saw 'recyceld', expected one of lost, opportunity_opened, reactivated, recycled, scored, won. Did you mean "recycled"?
    """  # noqa: E501 - what it prints
    named = [(f"arrival[{number}]", name) for number, name in enumerate(document.arrival)]
    named += [(name, getattr(document, name)) for name in ("scored", "recycled", "reactivated", "opened", "won", "lost")]
    named += [(f"exits[{row.id}].reports", row.reports) for row in document.exits if row.reports is not None]
    named += [(f"enrolments[{row.id}].reports", row.reports) for row in document.enrolments]
    for path, name in named:
        yield from _stranger(path, name, events, "Add it to the events of the machine.")
    for clock in document.clocks:
        yield from _stranger(f"clocks[{clock.id}].table", clock.table, tables, "Add it to sla.tables, or remove the clock.")
        if clock.stage is not None:
            yield from _stranger(f"clocks[{clock.id}].stage", clock.stage, stages, "Add it to the lifecycle.")
    for row in document.stages:
        for name, several in (("stages", row.stages), ("left", row.left)):
            for number, stage in enumerate(several):
                yield from _stranger(f"stages[{row.id}].{name}[{number}]", stage, stages, "Add it to the lifecycle.")


def _stranger(path: str, name: str, known: Collection[str], otherwise: str) -> Iterator[Problem]:
    if name not in known:
        close = nearest(name, known)
        yield Problem(path, shown(name), one_of(known), f'Did you mean "{close}"?' if close else otherwise)
