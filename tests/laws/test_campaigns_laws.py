"""What holds for every name, every link and every channel."""

import unicodedata
from datetime import date
from urllib.parse import quote_plus, urlencode

from hypothesis import assume, given
from hypothesis import strategies as st

from inbound_engine import Policy, campaigns, census, channels, spelling, utm
from inbound_engine.errors import FactError

POLICY = Policy()
NAMES = campaigns.compile(POLICY.campaigns)
LINKS = utm.compile(POLICY.utm, NAMES)
CHANNELS = channels.compile(POLICY.channels)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = st.sampled_from(["PAID", "SOCIAL", "EVENT", "MID", "MARKET", "SAAS", "SEO", "2026", "Q1", "q3", "2025", "DEMO", "x", "ß", ""])
HYPHENED = st.lists(WORDS, min_size=1, max_size=9).map("-".join)
VALUES = st.text("abq12 +%20_-ÄéSs\u0301", max_size=12)


@given(st.one_of(TEXT, HYPHENED), st.sampled_from(["campaign", "utm_campaign"]))
def test_what_is_parsed_is_rendered_as_its_normal_form(text: str, pattern: str) -> None:
    """AD-29: render(parse(x)) == normalise(x), and the normal form is normal."""
    read = campaigns.parse(NAMES, text, pattern)
    if read.name is not None:
        assert str(read.name) == read.normal
        again = campaigns.parse(NAMES, read.normal, pattern)
        assert (again.name, again.normal) == (read.name, read.normal)
        assert again.faults == tuple(fault for fault in read.faults if fault.code != "spelling")
    else:
        assert not read.is_sound


@given(HYPHENED, st.integers(2000, 2099), st.integers(1, 4), HYPHENED, HYPHENED)
def test_what_is_written_is_read_back(channel: str, year: int, quarter: int, segment: str, offer: str) -> None:
    """UT-2: or it is refused."""
    own = campaigns.compile(
        campaigns.CampaignsDocument.model_validate(
            {
                "patterns": [
                    {
                        "id": "own",
                        "parts": [
                            {"id": "channel", "open": True},
                            {"id": "year"},
                            {"id": "quarter"},
                            {"id": "segment", "open": True, "values": ["MID-MARKET", "MID"]},
                            {"id": "offer", "open": True, "takes_rest": True},
                        ],
                    }
                ]
            }
        )
    )
    given_parts: dict[str, str | int] = {"channel": channel, "year": year, "quarter": quarter, "segment": segment, "offer": offer}
    try:
        name = campaigns.write(own, given_parts, "own")
    except FactError:
        return
    read = campaigns.parse(own, str(name), "own")
    assert read.name == name
    assert read.is_sound
    assert (name.quarter.year, name.quarter.number) == (year, quarter)


@given(st.one_of(TEXT, HYPHENED))
def test_a_nearest_name_is_a_name(text: str) -> None:
    """What is asked about could be used."""
    for fault in campaigns.parse(NAMES, text).faults:
        if fault.nearest is not None and fault.where == "campaign":
            assert campaigns.parse(NAMES, fault.nearest).name is not None


@given(st.lists(st.tuples(VALUES, st.dates(date(2025, 1, 1), date(2026, 12, 31))), max_size=30), st.randoms(use_true_random=False))
def test_a_census_is_of_what_was_used_in_any_order(uses: list[tuple[str, date]], lots: object) -> None:
    """UT-3: nothing is lost, and no order matters."""
    shuffled = list(uses)
    lots.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random, by hypothesis
    found = census.take(NAMES, uses)
    assert census.take(NAMES, shuffled) == found
    assert sum(usage.uses + usage.unnamed for usage in found.quarters) == len(uses)
    for usage in found.quarters:
        spelled = {value for value, day in uses if census.quarter_of(NAMES, day) == usage.quarter}
        assert {written for _, spellings in usage.values for written in spellings} == {value for value in spelled if value.strip()}
        assert usage.distinct == len({spelling.folded(value) for value in spelled if value.strip()})


@given(st.one_of(TEXT, VALUES), st.sampled_from("-_"))
def test_a_key_is_its_own_key(text: str, separator: str) -> None:
    """AD-28: folding twice changes nothing, and neither does another form or case of the letters."""
    key = spelling.folded(text, separator)
    assert spelling.folded(key, separator) == key
    assert spelling.folded(unicodedata.normalize("NFD", text), separator) == key
    assert spelling.folded(f"  {text}%20", separator) == key
    assert not any(letter.isspace() for letter in key)


def slips(one: str, other: str) -> int:
    """Optimal string alignment as it is defined, without a table."""
    if not one or not other:
        return len(one) + len(other)
    found = min(slips(one[:-1], other) + 1, slips(one, other[:-1]) + 1, slips(one[:-1], other[:-1]) + (one[-1] != other[-1]))
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[:-3:-1]:
        found = min(found, slips(one[:-2], other[:-2]) + 1)
    return found


@given(st.text("ab1", max_size=5), st.text("ab1", max_size=5), st.integers(0, 6))
def test_slips_are_those_of_the_definition(one: str, other: str, most: int) -> None:
    expected = slips(one, other)
    assert spelling.distance(one, other, most) == (expected if expected <= most else None)


@given(st.text("abq12_", max_size=8), st.lists(st.text("abq12_", max_size=8), max_size=5))
def test_what_is_near_is_known_and_of_the_same_period(word: str, known: list[str]) -> None:
    found = spelling.suggest(word, known)
    if found is not None:
        assert found in known
        assert spelling.periods(found) == spelling.periods(word)


@given(st.dictionaries(st.sampled_from(["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_id", "page", "gclid"]), TEXT))
def test_a_link_says_what_was_put_into_it(parameters: dict[str, str]) -> None:
    """UT-1: what was encoded is read back letter for letter, and a record says the same as the link."""
    link = f"https://acme.example/?{urlencode(parameters)}#top"
    found = utm.read_url(LINKS, link)
    for name in ("source", "medium", "campaign", "content", "id"):
        value = parameters.get(f"utm_{name}", "")
        assert found.value(name) == (value if value.strip() else None)
    assert found.tags == utm.read(LINKS, parameters).tags
    assert ("click_id" in found.flags) is ("gclid" in parameters)


@given(TEXT)
def test_any_text_is_read(text: str) -> None:
    """A link is never an error: what cannot be read says nothing."""
    utm.check(LINKS, utm.read_url(LINKS, text))
    utm.check(LINKS, utm.read_url(LINKS, f"?utm_source={text}&utm_campaign={quote_plus(text)}#{text}"))


@given(VALUES, VALUES, VALUES)
def test_spellings_come_through_one_channel(source: str, medium: str, campaign: str) -> None:
    """AD-28, and the reasons tell the same story."""
    found = channels.classify(CHANNELS, source=source, medium=medium, campaign=campaign)
    assert channels.channel(CHANNELS, source=source, medium=medium, campaign=campaign) == found.value
    assert channels.channel(CHANNELS, source=source.swapcase(), medium=f" {medium}", campaign=campaign) == found.value
    assert [reason.code.value for reason in found.because[:-1]] == ["failed"] * (len(found.because) - 1)


@given(st.permutations(range(18)))
def test_a_rule_that_is_shadowed_never_speaks(order: list[int]) -> None:
    document = POLICY.channels.model_copy(update={"rules": [POLICY.channels.rules[number] for number in order]})
    mute = {later for later, _ in channels.shadowed(document)}
    assume(mute)
    own = channels.compile(document)
    for source in ("google", "linkedin", "youtube", "alibaba", "acme", ""):
        for medium in ("cpc", "cpm", "email", "social", "video", ""):
            said = channels.classify(own, source=source, medium=medium).because[-1].rule
            assert said.removeprefix("channels.rules[").removesuffix("]") not in mute
