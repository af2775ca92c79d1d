"""Where did a visit say that it came from?

A link says it in its UTM parameters. Their names are read in any case; their values are kept letter for letter, with a key beside
them that all spellings share (AD-28). Ids (`utm_id`, click ids) have no key: in another case they are other ids. What is odd about a
link is a flag: an ampersand escaped for HTML, a name that stands twice, parameters behind the `#`. Nothing that is odd is put right
in silence, so what is read here is what the analytics tools read.

Which parameters there are, under which names, and which values are allowed is policy (UT-1). A value that is not allowed is a fault,
with the nearest allowed value beside it, and stays what it is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen
from pydantic import Field, model_validator

from inbound_engine import campaigns
from inbound_engine.documents import Document, Id, Label, Rows, UniqueRows, refuse
from inbound_engine.errors import FactError, Problem, of_type, one_of, shown
from inbound_engine.spelling import Fault, folded, suggest

__all__ = ["Flag", "Parameter", "Rules", "Tag", "Utm", "UtmDocument", "check", "compile", "read", "read_url", "strangers", "value"]

Flag: TypeAlias = Literal[
    "behind_hash", "blank_value", "click_id", "html_escaped_amp", "non_ascii_value", "repeated_name", "space_in_name", "space_in_value",
    "uppercase_value",
]  # fmt: skip

_ESCAPED: Final = "amp;"
_MOST_PARAMETERS: Final = 1_000  # of one link; more are no link that somebody tagged


# ------------------------------------------------------------------------------------------------------------ documents


class Parameter(Document):
    """A parameter: its names, the first that a link has rules; and the values that it may have.

    `values` are those of the documents, `further` those that the shipped policy adds; both empty allow any. `is_id` is kept as it is
    and compared letter for letter. `pattern` names a pattern of `campaigns` that values follow.
    """

    id: Id
    names: Rows[Id] = Field(min_length=1)
    required: bool = False
    is_id: bool = False
    values: Rows[Label] = ()
    further: Rows[Label] = ()
    pattern: Id | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "Parameter":
        problems = [
            Problem(f"names[{number}]", shown(name), "a name in small letters", f'Write "{name.lower()}": names are read in any case.')
            for number, name in enumerate(self.names)
            if name != name.lower()
        ]
        if self.is_id and (self.values or self.further or self.pattern):
            problems.append(Problem("is_id", "true, with values or a pattern", "an id alone", "An id may be anything."))
        refuse(problems)
        return self


class UtmDocument(Document):
    """The parameters of links, the names of click ids, and how values are compared (UT-1).

    `vocabulary` is "shipped" for the values of the documents and the further ones, or "document" for those of the documents alone.
    Of a name that stands twice, the `repeated` value counts. Parameters behind the `#` count only where `behind_hash` says "read".
    """

    parameters: UniqueRows[Parameter] = Field(min_length=1)
    click_ids: Rows[Label] = ()
    vocabulary: Literal["shipped", "document"] = "shipped"
    separator: Literal["-", "_"] = "-"
    repeated: Literal["first", "last"] = "first"
    behind_hash: Literal["flag", "read"] = "flag"
    source: Label = ""

    @model_validator(mode="after")
    def _checked(self) -> "UtmDocument":
        names = Counter(name for parameter in self.parameters for name in {parameter.id, *parameter.names})
        refuse(
            Problem(f"parameters[{parameter.id}]", f"{shown(name)}, which another parameter has", "names that differ")
            for parameter in self.parameters
            for name in dict.fromkeys((parameter.id, *parameter.names))
            if names[name] > 1
        )
        return self


# --------------------------------------------------------------------------------------------------------------- values


@frozen
class Tag:
    """One parameter as a link has it: which it is, the name as written, the value as written, and its key; ids have none."""

    parameter: str
    name: str
    value: str
    key: str | None


@frozen
class Utm:
    """What a link says of where the visit came from.

    `tags` hold one value of each parameter that has one, in the order of the policy; `flags` are in alphabetical order. `click_ids` are
    the names of click ids, without their values: those are of one person. `missing` are the required parameters without a value. `host`
    is None for what is no URL.
    """

    tags: tuple[Tag, ...]
    flags: tuple[Flag, ...] = ()
    missing: tuple[str, ...] = ()
    click_ids: tuple[str, ...] = ()
    host: str | None = None

    def value(self, parameter: str) -> str | None:
        """The value of a parameter, letter for letter; None where there is none."""
        return next((tag.value for tag in self.tags if tag.parameter == parameter), None)

    def key(self, parameter: str) -> str | None:
        """What the value is compared by: its key, of an id the id itself; None where there is none."""
        return next((tag.value if tag.key is None else tag.key for tag in self.tags if tag.parameter == parameter), None)


# ------------------------------------------------------------------------------------------------------------- compiled


@frozen(eq=False)
class Rules:
    """The parameters of a policy, compiled."""

    document: UtmDocument
    names: dict[str, tuple[int, int]]
    """By name: the number of the parameter, and the rank of the name among its names."""
    fields: dict[str, tuple[int, int]]
    """The same, and the ids beside the names: in a link, `source` alone is some other parameter of the site."""
    click_ids: frozenset[str]
    allowed: dict[str, dict[str, str]]
    """By parameter: the allowed values by key, of several spellings the first; of those that may be anything, nothing."""
    written: dict[str, tuple[str, ...]]
    """By parameter: the allowed values as they are written."""
    campaigns: campaigns.Rules


def compile(document: UtmDocument, names: campaigns.Rules) -> Rules:
    """The parameters made ready; `names` are the compiled patterns of campaigns."""
    further = document.vocabulary == "shipped"
    allowed = {row.id: (*row.values, *(row.further if further else ())) for row in document.parameters}
    return Rules(
        document=document,
        names={name: (number, rank) for number, row in enumerate(document.parameters) for rank, name in enumerate(row.names)},
        fields={
            name: (number, rank)
            for number, row in enumerate(document.parameters)
            for rank, name in enumerate(dict.fromkeys((*row.names, row.id)))
        },
        click_ids=frozenset(name.casefold() for name in document.click_ids),
        allowed={
            name: {folded(value, document.separator): value for value in reversed(values)} for name, values in allowed.items() if values
        },
        written=allowed,
        campaigns=names,
    )


# ------------------------------------------------------------------------------------------------------------ functions


def read_url(rules: Rules, url: str) -> Utm:
    """What a link says in its UTM parameters (UT-1, AD-28). Any text is read: of one without parameters nothing is known.

    Values are percent-decoded and otherwise kept. Parameters behind the `#` are flagged, and read where the policy says so.
    Text with more than a thousand parameters is a `FactError`.

    >>> from inbound_engine.policy import Policy
    >>> policy = Policy()
    >>> rules = compile(policy.utm, campaigns.compile(policy.campaigns))
    >>> utm = read_url(rules, "https://acme.example/?UTM_Source=LinkedIn&utm_medium=paid%20social&gclid=XyZ")
    >>> utm.value("source"), utm.key("source"), utm.key("medium"), utm.missing
    ('LinkedIn', 'linkedin', 'paid-social', ('campaign',))
    >>> utm.flags, utm.click_ids
    (('click_id', 'space_in_value', 'uppercase_value'), ('gclid',))
    """
    if not isinstance(url, str):
        raise FactError("url", shown(url), "text")
    address, _, fragment = url.partition("#")
    pairs = _pairs(address.partition("?")[2])
    hidden = [pair for pair in _pairs(_query_of(fragment)) if pair[0].casefold() in rules.names]
    flags: list[Flag] = ["behind_hash"] if hidden else []
    if hidden and rules.document.behind_hash == "read":
        pairs += hidden
    return _read(rules, rules.names, pairs, flags, _host(url))


def read(rules: Rules, parameters: Mapping[str, str | None]) -> Utm:
    """What a record says in its UTM fields: by their full names (`utm_source`), or by their ids (`source`), as `Activity.utm` has them.

    Values are kept as they are, `%20` and `+` included; their keys fold both. A field that is None, or a name that is no
    parameter, says nothing. A value that is no text is a `FactError`.

    >>> from inbound_engine.policy import Policy
    >>> policy = Policy()
    >>> utm = read(compile(policy.utm, campaigns.compile(policy.campaigns)), {"source": "Google", "utm_medium": "paid%20social"})
    >>> utm.value("medium"), utm.key("medium")
    ('paid%20social', 'paid-social')
    """
    pairs = []
    for name, value in _table(parameters).items():
        if value is not None:
            if not isinstance(name, str) or not isinstance(value, str):
                raise FactError(f"utm.{name}", shown(value), "text, or None")
            pairs.append((name, value))
    return _read(rules, rules.fields, pairs, [], None)


def value(rules: Rules, parameters: Mapping[str, str | None], parameter: str) -> str | None:
    """One value of a record, as `read` would give it, without the rest; None where the record, or the policy, has none.

    >>> from inbound_engine.policy import Policy
    >>> policy = Policy()
    >>> value(compile(policy.utm, campaigns.compile(policy.campaigns)), {"UTM_Source": "Google"}, "source")
    'Google'
    """
    own = rules.fields.get(of_type(parameter, str, "parameter"))
    found: tuple[int, str] | None = None
    for name, said in _table(parameters).items() if own is not None else ():
        place = rules.fields.get(name.casefold()) if isinstance(name, str) else None
        if place is None or own is None or place[0] != own[0] or said is None or not of_type(said, str, f"utm.{name}").strip():
            continue
        if found is None or place[1] < found[0] or (place[1] == found[0] and rules.document.repeated == "last"):
            found = place[1], said
    return None if found is None else found[1]


def check(rules: Rules, utm: Utm) -> tuple[Fault, ...]:
    """The faults of a link, parameter by parameter (UT-1): missing, not allowed, an allowed value in another spelling.

    A campaign that follows no pattern has the faults of its pattern. Nothing is mended: the nearest value is there to ask about.

    >>> from inbound_engine.policy import Policy
    >>> policy = Policy()
    >>> rules = compile(policy.utm, campaigns.compile(policy.campaigns))
    >>> link = "https://acme.example/?utm_source=google&utm_medium=refferal&utm_campaign=camp-2026-q1-demand-gen-eu"
    >>> print(*check(rules, read_url(rules, link)))  # doctest: +ELLIPSIS
    utm_medium: saw 'refferal', expected one of ... Did you mean "referral"?
    """
    return tuple(_faults(rules, of_type(utm, Utm, "utm", "read_url or read makes one.")))


def _faults(rules: Rules, utm: Utm) -> Iterator[Fault]:
    tags = {tag.parameter: tag for tag in utm.tags}
    for row in rules.document.parameters:
        where, allowed, tag = row.names[0], rules.allowed.get(row.id, {}), tags.get(row.id)
        if tag is None or tag.key is None:
            if tag is None and row.required:
                yield Fault("missing", where, "", tuple(sorted(allowed.values())))
            continue
        meant = allowed.get(tag.key)
        if meant is not None and tag.value not in rules.written[row.id]:
            yield Fault("spelling", where, tag.value, nearest=meant)
        elif allowed and meant is None:
            listed = tuple(sorted(allowed.values()))
            yield Fault("unknown-value", where, tag.value, listed, suggest(tag.value, listed, rules.document.separator))
        if row.pattern is not None:
            yield from campaigns.parse(rules.campaigns, tag.value, row.pattern).faults


def strangers(document: UtmDocument, patterns: Iterable[str]) -> Iterator[Problem]:
    """The patterns that parameters name and the policy has not."""
    known = list(patterns)
    for row in document.parameters:
        if row.pattern is not None and row.pattern not in known:
            yield Problem(f"parameters[{row.id}].pattern", shown(row.pattern), one_of(known), "Add it to campaigns.patterns.")


def _table(parameters: object) -> Mapping[Any, Any]:
    if isinstance(parameters, Mapping):
        return parameters
    raise FactError("utm", shown(parameters), "a table of parameters", "Of a link, read_url reads the text.")


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise FactError("url", f"more than {_MOST_PARAMETERS} parameters", "the address of a page") from None


def _query_of(fragment: str) -> str:
    """What stands behind the `?` of a fragment, if it begins with the path of a page, else the whole: a value may have a `?` too."""
    path, mark, query = fragment.partition("?")
    return query if mark and "=" not in path else fragment


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _read(
    rules: Rules, names: Mapping[str, tuple[int, int]], pairs: Iterable[tuple[str, str]], flags: Iterable[Flag], host: str | None
) -> Utm:
    found: dict[int, tuple[int, str, str]] = {}
    raised: set[Flag] = {*flags}
    click_ids: list[str] = []
    seen: set[str] = set()
    for name, value in pairs:
        plain = name.casefold()
        if plain in rules.click_ids:
            raised.add("click_id")
            click_ids.append(plain)
        place = names.get(plain)
        if place is None:
            raised.update(_odd_name(rules, plain))
            continue
        if plain in seen:
            raised.add("repeated_name")
        seen.add(plain)
        if not value.strip():
            raised.add("blank_value")
            continue
        number, rank = place
        best = found.get(number)
        if best is None or rank < best[0] or (rank == best[0] and rules.document.repeated == "last"):
            found[number] = rank, name, value
    tags = []
    for number, row in enumerate(rules.document.parameters):
        if number in found:
            _, name, value = found[number]
            tags.append(Tag(row.id, name, value, None if row.is_id else folded(value, rules.document.separator)))
            raised.update(() if row.is_id else _odd_value(value))
    missing = tuple(row.id for number, row in enumerate(rules.document.parameters) if row.required and number not in found)
    return Utm(tuple(tags), tuple(sorted(raised)), missing, tuple(dict.fromkeys(click_ids)), host)


def _odd_name(rules: Rules, plain: str) -> Iterator[Flag]:
    """A name that would be that of a parameter, but for an escaped ampersand or a space."""
    bare = plain
    while bare.startswith(_ESCAPED):
        bare = bare.removeprefix(_ESCAPED)
    squeezed = "".join(bare.split())
    if squeezed in rules.names or squeezed in rules.click_ids:
        if bare != plain:
            yield "html_escaped_amp"
        if squeezed != bare:
            yield "space_in_name"


def _odd_value(value: str) -> Iterator[Flag]:
    if value != value.lower():
        yield "uppercase_value"
    if any(letter.isspace() for letter in value):
        yield "space_in_value"
    if not value.isascii():
        yield "non_ascii_value"
