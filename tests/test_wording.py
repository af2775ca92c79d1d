"""Templates and words: what a policy may replace, what is refused, and how things are put together; typed by hand."""

import pickle
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, get_args

import pytest

from inbound_engine import wording
from inbound_engine.destinations import Why
from inbound_engine.documents import changed
from inbound_engine.errors import FactError, PolicyError
from inbound_engine.linting import lint
from inbound_engine.money import Money
from inbound_engine.plans import ExitKind, NoteCode
from inbound_engine.playbook import PLAYBOOK
from inbound_engine.policy import Policy
from inbound_engine.sla import Action
from inbound_engine.spans import parse_instant, zone
from inbound_engine.wording import PLACES, Phrase, Texts, TextsDocument
from tests.policies import points, small

SHIPPED = wording.compile(TextsDocument())
BERLIN = zone("Europe/Berlin")


def texts(*templates: tuple[str, str], **fields: Any) -> Texts:  # noqa: ANN401 - plain data
    return wording.compile(TextsDocument.model_validate({"templates": [{"id": name, "text": text} for name, text in templates], **fields}))


def problems(section: object) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        Policy.model_validate({"texts": section})
    return [str(problem) for problem in raised.value.problems]


# What ships.


def test_every_template_ships_once_in_the_order_of_its_places() -> None:
    section: Any = PLAYBOOK["texts"]
    assert [row["id"] for row in section["templates"]] == list(PLACES)
    assert [row.id for row in Policy().texts.templates] == list(PLACES)


def test_every_code_that_is_spoken_has_a_template() -> None:
    """RO-12, CL-7, CA-15, CA-20: what those rooms may answer."""
    of_steps = {"unknown_rep", "nobody_named", "nobody_left", "no_earlier_holder", "switched_off"}
    assert {f"refused_{why}" for why in get_args(Why) if why not in of_steps} == {name for name in PLACES if name.startswith("refused_")}
    assert {f"{tense}_{action}" for tense in ("ahead", "came") for action in get_args(Action)} <= PLACES.keys()
    assert {f"exit_{kind}" for kind in get_args(ExitKind)} == {name for name in PLACES if name.startswith("exit_")}
    left_out = {"suppressed", "no_zone", "no_slot", "cancelled"}
    assert left_out < {*get_args(NoteCode)}
    assert {f"left_{code}" for code in left_out} == {name for name in PLACES if name.startswith("left_")}


def test_the_shipped_words_are_for_what_the_playbook_names() -> None:
    assert list(lint(Policy())) == []
    words = {table: [row.id for row in getattr(Policy().texts, table)] for table in ("tiers", "steps", "channels", "touchpoints")}
    assert words["tiers"] == ["T1", "T2", "T3", "NURTURE"]
    assert words["channels"] == ["call", "email", "linkedin", "enrolment", "all"]
    assert words["steps"] == [step.id for step in Policy().routing.steps]
    assert words["touchpoints"] == [row.id for row in Policy().touchpoints]
    assert [row.id for row in Policy().texts.criteria] == [row.id for row in Policy().scoring.criteria]


@pytest.mark.parametrize("word", ["MQL", "SAL", "SQL", "ICP", "SLA", "clause", "ladder", "tier", "cadence", "lead_type", "T1", "nurture"])
def test_the_shipped_texts_are_without_jargon(word: str) -> None:
    """AI-2: for a salesperson."""
    section: Any = PLAYBOOK["texts"]
    said = [row["text"] for row in section["templates"]]
    said += [row["text"] for table in get_args(wording.Table) for row in section[table]]
    plain = [letters for text in said for letters, _ in wording._segments(text)]  # without the names of places
    assert [text for text in plain if word.casefold() in text.casefold().replace("(", " ").replace(",", " ").split()] == []


# What a policy replaces.


def test_a_template_that_is_missing_is_the_shipped_one() -> None:
    found = texts(("times_in", "Zeiten in {zone}."))
    assert found.fill("times_in", zone="Europe/Berlin").text == "Zeiten in Europe/Berlin."
    assert found.fill("minutes", n=5).text == "5 minutes"


def test_what_is_left_out_and_what_is_repeated_make_one_document() -> None:
    short = TextsDocument.model_validate({"templates": [{"id": "yes", "text": "ja"}], "tiers": [{"id": "T1", "text": "A"}]})
    assert short == TextsDocument.model_validate(short.model_dump(mode="json"))
    assert TextsDocument() == Policy().texts.model_copy(update={"source": ""})
    assert changed(Policy(), {"texts.templates[yes]": None}) == Policy()
    assert changed(Policy(), {"texts.templates[yes].text": "ja"}).fingerprint != Policy().fingerprint


def test_the_order_of_templates_says_nothing() -> None:
    rows = [{"id": "yes", "text": "ja"}, {"id": "no", "text": "nein"}]
    one, other = (TextsDocument.model_validate({"templates": ordered}) for ordered in (rows, rows[::-1]))
    assert one == other


def test_words_are_replaced_one_by_one_and_added() -> None:
    found = texts(tiers=[{"id": "T1", "text": "ein Spitzenkontakt"}, {"id": "GOLD", "text": "Gold"}], weekdays=list("MDMDFSS"))
    assert [found.word("tiers", name).text for name in ("T1", "T2", "GOLD", "big_fish")] == [
        "ein Spitzenkontakt",
        "a good lead",
        "Gold",
        "big fish",
    ]
    assert found.word("tiers", "big_fish", "A big fish").text == "A big fish"
    assert [row.id for row in found.document.tiers] == ["T1", "T2", "T3", "NURTURE", "GOLD"]
    assert found.document.weekdays == ("M", "D", "M", "D", "F", "S", "S")
    assert found.document.months[0] == "January"


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("page_view", None, "looked at a page"),
        ("page_view", "pricing", "looked at pricing"),
        ("visit", None, "visited the website"),
        ("visit", "home", "visited the website: home"),
        ("fair_visit", None, "fair visit"),
        ("fair_visit", "hall 4", "fair visit: hall 4"),
        ("call_in", None, "rang us up"),
        ("call_in", "prices", "rang us up about prices"),
    ],
)
def test_what_somebody_did_is_said_by_its_kind(kind: str, content: str | None, said: str) -> None:
    found = texts(activities=[{"id": "call_in", "text": "rang us up", "about": "rang us up about {content}"}])
    assert found.activity(kind, None if content is None else Phrase.of(content)).text == said


# Braces.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{{zone}}}", "{UTC}"),
        ("{{zone}}", "{zone}"),
        ("{zone}{zone}", "UTCUTC"),
        ("{{}}", "{}"),
        ("}}{{", "}{"),
        ("", ""),
        ("🕙 {zone} הזמנים ב", "🕙 UTC הזמנים ב"),
        ("%s %(zone)s $zone", "%s %(zone)s $zone"),
    ],
)
def test_a_place_is_filled_and_a_doubled_brace_is_one(text: str, said: str) -> None:
    assert texts(("times_in", text)).fill("times_in", zone="UTC").text == said


@pytest.mark.parametrize(
    ("text", "saw"),
    [
        ("{zon}", "saw '{zon}', expected one of {zone}. Did you mean \"{zone}\"?"),
        ("{0}", "saw '{0}', expected one of {zone}. Write \"{{0}}\" for braces that are meant."),
        ("{}", "saw '{}', expected one of {zone}. Write \"{{}}\" for braces that are meant."),
        ("{zone.__class__}", "saw '{zone.__class__}', expected one of {zone}."),
        ("{zone[0]}", "saw '{zone[0]}', expected one of {zone}. Did you mean \"{zone}\"?"),
        ("{zone!r}", "saw '{zone!r}', expected one of {zone}. Did you mean \"{zone}\"?"),
        ("{zone:>10}", "saw '{zone:>10}', expected one of {zone}."),
        ("{ zone }", "saw '{ zone }', expected one of {zone}. Did you mean \"{zone}\"?"),
        ("{Zone}", "saw '{Zone}', expected one of {zone}. Did you mean \"{zone}\"?"),
        ("in {zone", "saw a brace alone, '{zone', expected a name in braces. Write \"{{\" for a brace that is meant."),
        ("in zone}", "saw a brace alone, '}', expected a name in braces. Write \"}}\" for a brace that is meant."),
        ("in {zone}\nand out", "saw a line break, expected text on one line."),
        ("in {zone}\u2028", "saw a line break, expected text on one line."),
    ],
)
def test_what_is_no_place_is_refused_when_the_policy_loads(text: str, saw: str) -> None:
    (problem,) = problems({"templates": [{"id": "times_in", "text": text}]})
    assert problem.startswith(f"texts.templates[times_in].text: {saw}")


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            {"templates": [{"id": "time_in", "text": ""}]},
            ["texts.templates[time_in].id: saw 'time_in', expected one of "],
        ),
        ({"templates": [{"id": "zebra", "text": ""}]}, ["texts.templates[zebra].id: saw 'zebra', expected one of "]),
        (
            {"templates": [{"id": "yes", "text": "{who}"}]},
            ["texts.templates[yes].text: saw '{who}', expected no place: this text has none."],
        ),
        (
            {"templates": [{"id": "yes", "text": "ja"}, {"id": "yes", "text": "jo"}]},
            ["texts.templates[yes]: saw 'yes' twice, expected ids that differ. Rename one of them."],
        ),
        (
            {"values": [{"id": "the boss", "text": "a"}, {"id": "the boss", "text": "b"}]},
            ["texts.values[the boss]: saw 'the boss' twice, expected ids that differ. Rename one of them."],
        ),
        ({"said": ["pain", "pain"]}, ["texts.said[pain]: saw 'pain' twice, expected ids that differ. Rename one of them."]),
        ({"weekdays": ["Mo", "Di"]}, ["texts.weekdays: saw a list of 2, expected at least 7 row(s)."]),
        ({"months": ["Jänner"]}, ["texts.months: saw a list of 1, expected at least 12 row(s)."]),
        ({"most_steps": 0}, ["texts.most_steps: saw 0, expected at least 1."]),
        (
            {"activities": [{"id": "visit", "text": "was here", "about": "was at {contents}"}]},
            ["texts.activities[visit].about: saw '{contents}', expected one of {content}. Did you mean \"{content}\"?"],
        ),
        (
            {"tiers": [{"id": "T5", "text": "x"}], "said": ["pains"], "channels": [{"id": "fax", "text": "x"}]},
            [
                "texts.tiers[T5].id: saw 'T5', expected one of NURTURE, T1, T2, T3. Remove it.",
                "texts.said[0]: saw 'pains', expected one of ",
                "texts.channels[fax].id: saw 'fax', expected one of call, email, enrolment, linkedin. Remove it.",
            ],
        ),
        (
            {"criteria": [{"id": "rôle", "text": "x"}], "steps": [{"id": "pol", "text": "x"}], "activities": [{"id": "vist", "text": "x"}]},
            [
                "texts.criteria[rôle].id: saw 'rôle' (with U+00F4 LATIN SMALL LETTER O WITH CIRCUMFLEX), expected one of ",
                "texts.activities[vist].id: saw 'vist', expected one of ",
                "texts.steps[pol].id: saw 'pol', expected one of ",
            ],
        ),
    ],
)
def test_a_section_that_means_nothing_is_refused_with_its_path(section: dict[str, object], said: list[str]) -> None:
    found = problems(section)
    assert len(found) == len(said)
    assert [sentence for sentence, start in zip(found, said, strict=True) if not sentence.startswith(start)] == []


def test_all_places_that_are_wrong_are_told_at_once() -> None:
    found = problems({"templates": [{"id": "times_in", "text": "{a} {b}"}, {"id": "yes", "text": "{c}"}]})
    assert [sentence.partition(",")[0] for sentence in found] == [
        "texts.templates[times_in].text: saw '{a}'",
        "texts.templates[times_in].text: saw '{b}'",
        "texts.templates[yes].text: saw '{c}'",
    ]


def test_a_policy_with_names_of_its_own_keeps_the_shipped_words_and_has_words_for_its_own() -> None:
    words = {
        "tiers": [{"id": "A", "text": "an A"}],
        "scores": [{"id": "worth", "text": "the worth"}],
        "criteria": [{"id": "row", "text": "the row"}],
    }
    found = small(points("own", 5, "worth"), texts=words)
    assert [row.id for row in found.texts.tiers] == ["T1", "T2", "T3", "NURTURE", "A"]
    assert list(wording.strangers(Policy().texts, {"tiers": []})) == []


def test_a_name_in_a_record_is_no_template() -> None:
    assert SHIPPED.fill("taken", rep="{step} {0.__class__}", step=Phrase.of("{rep}")).text == "{step} {0.__class__} has it: {rep}."


# How things are put together.


@pytest.mark.parametrize(
    ("items", "most", "said"),
    [
        ("", None, ""),
        ("a", None, "a"),
        ("ab", None, "a and b"),
        ("abcd", None, "a, b, c and d"),
        ("abcd", 4, "a, b, c and d"),
        ("abcd", 3, "a, b, c and 1 more"),
        ("abcd", 1, "a and 3 more"),
    ],
)
def test_a_list_is_joined_as_in_a_sentence(items: str, most: int | None, said: str) -> None:
    assert SHIPPED.joined(map(Phrase.of, items), most).text == said


@pytest.mark.parametrize(
    ("at", "where", "said"),
    [
        ("2026-03-02T09:03Z", "Europe/Berlin", "Monday 2 March 2026 at 10:03"),
        ("2026-03-02T09:03:59Z", "America/New_York", "Monday 2 March 2026 at 04:03"),
        ("2026-12-31T23:30Z", "Europe/Berlin", "Friday 1 January 2027 at 00:30"),
        ("2026-03-29T01:00Z", "Europe/Berlin", "Sunday 29 March 2026 at 03:00"),
    ],
)
def test_an_instant_is_said_as_clocks_of_the_zone_read_it(at: str, where: str, said: str) -> None:
    assert SHIPPED.moment(parse_instant(at), zone(where)).text == said


def test_the_form_of_a_date_is_a_template() -> None:
    at = parse_instant("2026-03-02T09:03Z")
    assert texts(("moment", "{day_2}.{month_2}.{year}, {hour}:{minute} Uhr")).moment(at, BERLIN).text == "02.03.2026, 10:03 Uhr"
    assert texts(("moment", "{month_number}/{day}")).moment(at, BERLIN).text == "3/2"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=5, seconds=59), "5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (timedelta(hours=24), "24 hours"),
        (timedelta(days=2, minutes=2), "48 hours 2 minutes"),
    ],
)
def test_a_length_of_time_is_said_in_hours_and_minutes(amount: timedelta, said: str) -> None:
    assert SHIPPED.duration(amount).text == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"),
        (False, "no"),
        (240, "240"),
        (Fraction(250, 3), "83.33"),
        (Decimal("0.125"), "0.12"),
        (Fraction(-1, 2), "-0.5"),
        (parse_instant("2026-03-02T09:03Z"), "Monday 2 March 2026 at 10:03"),
        (Money.of("28500.00", "EUR"), "EUR 28500.00"),
        (Money.of(500, "JPY"), "JPY 500"),
        (frozenset({"segment", "hubspot", "series_a"}), "hubspot, segment and Series A"),
        (("b", "a"), "b and a"),
        (frozenset(), "none"),
        ("demo_request", "a demo"),
        ("raw_value", "raw_value"),
        ("two\nlines\u2029and more", "two lines and more"),
        ("مرحبا 👋 {name}", "مرحبا 👋 {name}"),
    ],
)
def test_a_value_is_said_by_its_kind(value: object, said: str) -> None:
    assert SHIPPED.value(value, BERLIN).text == said


def test_the_mark_of_decimals_is_a_template() -> None:
    german = texts(("decimal", "{whole},{part}"), ("money", "{amount} {currency}"))
    assert german.number(Fraction(250, 3)).text == "83,33"
    assert german.value(Money.of("28500.00", "EUR"), BERLIN).text == "28500,00 EUR"


# Phrases.


def test_a_phrase_keeps_what_is_personal_apart_however_deep_it_stands() -> None:
    ana = Phrase.of("Ana\nKovač", personal=True)
    said = SHIPPED.fill("who_at", person=ana, company="Acme")
    assert (said.text, said.redacted, said.is_personal) == ("Ana Kovač at Acme", "(personal) at Acme", True)
    assert not Phrase.of("Acme").is_personal
    assert repr(SHIPPED.joined([said, Phrase.of("Bo")])) == "Phrase('(personal) at Acme and Bo')"


def test_texts_are_asked_for_by_name() -> None:
    assert repr(SHIPPED).startswith(f"Texts({len(PLACES)} templates, ")
    with pytest.raises(FactError, match=r"texts.template: saw 'hello', expected one of "):
        SHIPPED.fill("hello")


def test_texts_pickle() -> None:
    assert pickle.loads(pickle.dumps(SHIPPED)).fill("minutes", n=5).text == "5 minutes"  # noqa: S301 - our own


def test_shipped_places_are_used_or_left_to_others() -> None:
    """A shipped text names no place twice."""
    for row in TextsDocument().templates:
        assert max(Counter(place for _, place in wording._segments(row.text) if place).values(), default=1) == 1, row.id
