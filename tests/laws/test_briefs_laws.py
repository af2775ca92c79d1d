"""What holds for whatever is said of whatever lead: no place is left, nothing personal slips out, nothing is told before it happened."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbound_engine import sla, wording
from inbound_engine.briefs import brief, explain
from inbound_engine.engine import Engine
from inbound_engine.errors import PolicyError
from inbound_engine.facts import Activity, Extra, Lead, Rep, Roster
from inbound_engine.policy import Policy
from inbound_engine.rotation import Rotation
from inbound_engine.spans import Span
from inbound_engine.wording import PLACES, Phrase, TextsDocument
from tests.strategies import AT, activity_lists, leads, texts

SHIPPED = Engine(Policy())
TEXTS = SHIPPED.compiled.texts
MARKED = wording.compile(
    TextsDocument.model_validate(
        {
            "templates": [
                {"id": name, "text": f"<{name}>" + "".join(f" <{place}:{{{place}}}>" for place in places)}
                for name, places in PLACES.items()
            ]
        }
    )
)
"""Texts in which every place shows its name and what it was filled with."""
AWAY = Span(AT - timedelta(days=9), AT + timedelta(days=2))
REPS = (
    Rep(id="maya", role="AE", zone="Europe/Berlin", calendar="business_hours"),
    Rep(id="noor", role="SDR", zone="America/New_York"),
)
ROSTERS = (Roster(reps=REPS), Roster(reps=tuple(attrs.evolve(rep, away=(AWAY,)) for rep in REPS)), Roster(reps=()))
LETTERS = st.text(st.sampled_from("ab{}{}zone\n 👋ם"), max_size=12)


@st.composite
def decided(draw: st.DrawFn, people: st.SearchStrategy[Lead] | None = None) -> dict[str, Any]:
    """A lead, and some of what may be decided of it as of AT."""
    lead = draw(leads() if people is None else people)
    assessment = SHIPPED.assess(lead, at=AT)
    route = SHIPPED.route(assessment, draw(st.sampled_from(ROSTERS)), Rotation())
    clock = SHIPPED.clock(assessment).value
    after = timedelta(minutes=draw(st.integers(-10, 500)))
    status = None if clock is None else sla.status(clock, at=AT + after)
    plan = SHIPPED.plan(assessment, arrival=AT).value
    made = {"route": route, "status": status, "plan": plan}
    return {"assessment": assessment, **{name: draw(st.sampled_from((None, value))) for name, value in made.items()}}


@settings(max_examples=25)
@given(decided())
def test_every_place_is_filled_and_the_paragraph_is_one(parts: dict[str, Any]) -> None:
    said = explain(MARKED, **parts)
    assert len(said.splitlines()) == 1
    assert said.startswith("<sentences> <before:")
    for line in (line for part in brief(MARKED, **parts).parts for line in part.lines):
        assert line.text.startswith(f"<{line.id}>")
        assert len(line.text.splitlines()) == 1
        for place in PLACES[line.id]:
            assert f" <{place}:" in line.text
            assert f"<{place}:{{{place}}}>" not in line.text


@settings(max_examples=25)
@given(decided(), activity_lists(around=AT + timedelta(days=300)))
def test_what_lies_after_the_instant_is_not_told(parts: dict[str, Any], later: Sequence[Activity]) -> None:
    """FD-2."""
    known = parts["assessment"].lead
    more = [attrs.evolve(each, id=f"later-{each.id}", at=max(each.at, AT + timedelta(microseconds=1))) for each in later]
    lead = attrs.evolve(known, activities=None if known.activities is None else (*known.activities, *more))
    with_later = {**parts, "assessment": SHIPPED.assess(lead, at=AT)}
    assert brief(TEXTS, **with_later) == brief(TEXTS, **parts)
    assert explain(TEXTS, **with_later) == explain(TEXTS, **parts)


@settings(max_examples=25)
@given(decided(), st.randoms(use_true_random=False))
def test_the_order_of_activities_says_nothing(parts: dict[str, Any], draw: Any) -> None:  # noqa: ANN401 - random.Random
    lead = parts["assessment"].lead
    mixed = None if lead.activities is None else draw.sample(lead.activities, len(lead.activities))
    assert brief(TEXTS, **{**parts, "assessment": SHIPPED.assess(attrs.evolve(lead, activities=mixed), at=AT)}) == brief(TEXTS, **parts)


SECRETS = ("§name", "§title", "§mail", "§self", "§situation", "§pain", "§impact")


def secretive(lead: Lead) -> Lead:
    """The lead with every personal fact known, and recognisable."""
    own = {key: value for key, value in lead.extra.items() if key not in {"situation", "pain", "impact"}}
    return attrs.evolve(
        lead,
        name="§name",
        title="VP §title",
        email="§mail@acme.example",
        self_reported="§self",
        extra=Extra.of({**own, "situation": "§situation", "pain": "§pain", "impact": "§impact"}),
        observations=(),
        suppressed=frozenset(),
    )


@settings(max_examples=25)
@given(decided(leads().map(secretive)))
def test_a_redacted_brief_shows_nothing_of_the_person(parts: dict[str, Any]) -> None:
    """FD-5."""
    found = brief(TEXTS, **parts)
    open_text = json.dumps(found.to_dict(), ensure_ascii=False)
    assert [secret for secret in SECRETS if secret not in open_text] == []
    closed = [
        json.dumps(found.to_dict(redact=True), ensure_ascii=False),
        found.text(redact=True),
        repr(found) + repr(found.parts) + "".join(repr(part.lines) for part in found.parts),
        found._repr_html_(),
        explain(TEXTS, **parts),
    ]
    assert [text for text in closed if "§" in text] == []


@settings(max_examples=25)
@given(decided())
def test_the_text_is_the_title_and_the_lines(parts: dict[str, Any]) -> None:
    found = brief(TEXTS, **parts)
    said = [found.title.text, *(text for part in found.parts for text in (f"{part.heading}:", *(f"- {line.text}" for line in part.lines)))]
    assert found.text().split("\n") == said


# Templates.


@given(st.sampled_from(sorted(PLACES)), LETTERS)
def test_a_template_is_refused_or_says_what_python_would(name: str, letters: str) -> None:
    """A sound template is one of `str.format` with plain names; whatever else is written is refused, and never raises later."""
    try:
        made = wording.compile(TextsDocument.model_validate({"templates": [{"id": name, "text": letters}]}))
    except PolicyError:
        return
    filled = {place: f"[{place}]" for place in PLACES[name]}
    assert made.fill(name, **filled).text == letters.format(**filled)


@given(texts())
def test_what_fills_a_place_is_never_read_as_a_template(written: str) -> None:
    assert TEXTS.fill("said", fact=Phrase.of("{fact}"), value=Phrase.of(written)).text == f"About {{fact}}: {written}"


@given(st.lists(st.text("abc", min_size=1), max_size=6), st.integers(1, 6))
def test_a_joined_list_names_as_many_as_it_may(items: list[str], most: int) -> None:
    found = TEXTS.joined(map(Phrase.of, items), most).text
    assert len(found.replace(" and ", ", ").split(", ")) == max(1, min(len(items), most + 1))
    assert ("more" in found) is (len(items) > most)


@pytest.mark.parametrize("name", sorted(PLACES))
def test_every_template_takes_all_of_its_places(name: str) -> None:
    text = " ".join(f"{{{place}}}" for place in PLACES[name])
    made = wording.compile(TextsDocument.model_validate({"templates": [{"id": name, "text": text}]}))
    assert made.fill(name, **dict.fromkeys(PLACES[name], "x")).text == " ".join("x" for _ in PLACES[name])
