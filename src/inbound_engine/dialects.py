r"""How does an engine say it?

What engines write in different ways, as data: a `Dialect` has a template for each. The functions write names, texts and instants, so
that whatever stands in a policy stays what it is: nothing in a text ends a literal, a name or a comment.

- A name that is plain (lower case, digits, underscores) and no keyword stands as it is; others are quoted. Snowflake reads plain names
  in upper case, as it did when the table was made.
- Texts are written in characters that print; what does not, such as an end of a line or a mark that turns the direction of writing, is
  written by its number. So is the second brace of "{{", "{%" and "{#": in a template they would begin something.
- NUL and halves of surrogate pairs are refused: no engine keeps them all.
- Text compares by code point. A column may have a collation that folds case: `collated` takes it off.

DuckDB, SQLite, PostgreSQL and Spark are run by our tests; text for Snowflake and BigQuery has only been parsed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil
from typing import Literal, TypeAlias

from attrs import frozen

from inbound_engine.errors import FactError, one_of, shown
from inbound_engine.expressions import Kind, microseconds

__all__ = ["DIALECTS", "Dialect", "Name", "comment", "decimal", "dialect", "identifier", "instant", "literal", "table"]

Name: TypeAlias = Literal["bigquery", "duckdb", "postgres", "snowflake", "spark", "sqlite"]

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_TEMPLATE = re.compile(r"\{[{%#]")
_QUIET = re.compile(r"[;'\"`\\{}]|/\*|\*/")  # what a tool that reads comments could take for its own
_SURROGATES = range(0xD800, 0xE000)
_BASIC = 0xFFFF
_LONGEST_COMMENT = 160
_PLACES = 9  # what BigQuery's NUMERIC has; beside a wide column Spark rounds a number with more to the places of the column


@frozen
class Dialect:
    r"""What one engine writes in its own way; templates are filled by `str.format`.

    `quote` stands around names; inside one it is doubled, or written behind a backslash where `escapes` says so. `longest` is the most
    bytes of a name, `banned` what no name of a column holds.
    `letter` writes a letter by its number: inside the quotes of a text where it begins with a backslash, else as a function that is
    joined with `||`. `marked` stands before a text with backslashes in it; `escapes` whether a backslash escapes in every text.
    `types` says which columns hold the kinds. `instant` and `naive` are fixed instants with and without a zone; of a number of
    microseconds where they say {ticks}. `widens` is the type that whole numbers are widened to before they could overflow.
    `exact` is what a column of decimals is read through;
    `step` follows the name of a step; `fence` ends one: both so that a step is not computed anew wherever it is read.
    """

    name: Name
    quote: str
    longest: int
    reserved: frozenset[str]
    types: Mapping[Kind, str]
    instant: str
    collated: str
    contains: str
    starts_with: str
    ends_with: str
    holds: str
    letter: str
    banned: str = ""
    escapes: bool = False
    marked: str = ""
    naive: str = ""
    decimal: str = "{}"
    exact: str = "{}"
    widens: str = ""
    number: str = "DOUBLE"
    text: str = "VARCHAR"
    step: str = "AS"
    fence: str = ""


# Quoting a lower-case name changes nothing anywhere but in Snowflake, which has a list of its own. This one is of all the others.
_KEYWORDS = frozenset(
    "add all alter analyse analyze and anti any array as asc asof assert_rows_modified asymmetric at authorization autoincrement between "
    "binary both by case cast check collate collation column columns commit concurrently constraint contains create cross cube current "
    "current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable define delete "
    "desc describe distinct do drop else end enum escape except exclude exists extract false fetch filter following for foreign freeze "
    "from full generated glob grant group grouping groups hash having if ignore ilike in index initially inner insert intersect interval "
    "into is isnull join lambda lateral leading left like limit localtime localtimestamp lookup map merge minus natural new no not "
    "nothing notnull null nulls of offset on only or order outer over overlaps partition pivot pivot_longer pivot_wider placing "
    "positional preceding primary proto qualify raise range recursive references respect returning right rollup rows select semi "
    "session_user set show similar some struct summarize symmetric table tablesample then to trailing transaction treat true try_cast "
    "tuple unbounded union unique unnest unpack unpivot update user using values variadic verbose when where window with within".split()
)
_SNOWFLAKE = frozenset(
    "account all alter and any as between by case cast check column connect connection constraint create cross current current_date "
    "current_time current_timestamp current_user database delete distinct drop else exists false following for from full grant group "
    "gscluster having ilike in increment inner insert intersect into is issue join lateral left like localtime localtimestamp minus "
    "natural not null of on or order organization qualify regexp revoke right rlike row rows sample schema select set some start table "
    "tablesample then to trigger true try_cast union unique update using values view when whenever where with".split()
)
_FAR = 10**6  # bytes: no limit to speak of

DIALECTS: Mapping[Name, Dialect] = {
    "duckdb": Dialect(
        name="duckdb",
        quote='"',
        longest=_FAR,
        reserved=_KEYWORDS,
        types={
            "boolean": "BOOLEAN",
            "integer": "BIGINT, or a smaller one",
            "decimal": "DECIMAL, of at most 9 places",
            "text": "VARCHAR",
            "texts": "VARCHAR[]",
            "instant": "TIMESTAMP WITH TIME ZONE",
        },
        instant="TIMESTAMPTZ '{}'",
        naive="TIMESTAMP '{}'",
        collated="{} COLLATE C",
        contains="contains({of}, {value})",
        starts_with="starts_with({of}, {value})",
        ends_with="ends_with({of}, {value})",
        holds="COALESCE(list_contains({of}, {value}), FALSE)",
        letter="chr({})",
        widens="BIGINT",
    ),
    "postgres": Dialect(
        name="postgres",
        quote='"',
        longest=63,
        reserved=_KEYWORDS,
        types={
            "boolean": "boolean",
            "integer": "bigint, or a smaller one",
            "decimal": "numeric, of at most 9 places",
            "text": "text or varchar",
            "texts": "text[]",
            "instant": "timestamp with time zone",
        },
        instant="TIMESTAMPTZ '{}'",
        naive="TIMESTAMP '{}'",
        collated='{} COLLATE "C"',
        contains="strpos({of}, {value}) > 0",
        starts_with="left({of}, {length}) = {value}",
        ends_with="right({of}, {length}) = {value}",
        holds='COALESCE({value} COLLATE "C" = ANY ({of}), FALSE)',
        letter="\\",
        marked="E",
        widens="BIGINT",
        number="DOUBLE PRECISION",
        text="TEXT",
        fence="OFFSET 0",
        exact="NULLIF({}, 'NaN')",
    ),
    "sqlite": Dialect(
        name="sqlite",
        quote='"',
        longest=_FAR,
        reserved=_KEYWORDS,
        types={
            "boolean": "INTEGER, 0 or 1",
            "integer": "INTEGER",
            "decimal": "REAL or INTEGER, of at most 15 digits",
            "text": "TEXT",
            "texts": "TEXT, a JSON array of texts",
            "instant": "INTEGER, microseconds since 1970 in UTC",
        },
        instant="{ticks}",
        collated="{} COLLATE BINARY",
        contains="instr({of}, {value}) > 0",
        starts_with="substr({of}, 1, {length}) = {value}",
        ends_with="substr({of}, -{length}) = {value}",
        holds="EXISTS (SELECT 1 FROM json_each({of}) WHERE value = {value})",
        letter="char({})",
        number="REAL",
        text="TEXT",
        step="AS MATERIALIZED",
    ),
    "snowflake": Dialect(
        name="snowflake",
        quote='"',
        longest=255,
        reserved=_SNOWFLAKE,
        types={
            "boolean": "BOOLEAN",
            "integer": "NUMBER(38, 0), within 64 bits",
            "decimal": "NUMBER, of at most 9 places",
            "text": "VARCHAR",
            "texts": "ARRAY of texts",
            "instant": "TIMESTAMP_TZ or TIMESTAMP_LTZ",
        },
        instant="CAST('{}' AS TIMESTAMP_TZ)",
        naive="CAST('{}' AS TIMESTAMP_NTZ)",
        collated="COLLATE({}, 'utf8')",
        contains="CONTAINS({of}, {value})",
        starts_with="STARTSWITH({of}, {value})",
        ends_with="ENDSWITH({of}, {value})",
        holds="COALESCE(ARRAY_CONTAINS(CAST({value} AS VARIANT), {of}), FALSE)",
        letter="CHR({})",
        escapes=True,
    ),
    "bigquery": Dialect(
        name="bigquery",
        quote="`",
        longest=300,
        banned='!"$()*,./;?@[\\]^`{}~',
        reserved=_KEYWORDS,
        types={
            "boolean": "BOOL",
            "integer": "INT64",
            "decimal": "NUMERIC, of at most 9 places",
            "text": "STRING",
            "texts": "ARRAY<STRING>",
            "instant": "TIMESTAMP",
        },
        instant="TIMESTAMP '{}'",
        naive="DATETIME '{}'",
        collated="COLLATE({}, '')",
        contains="STRPOS({of}, {value}) > 0",
        starts_with="STARTS_WITH({of}, {value})",
        ends_with="ENDS_WITH({of}, {value})",
        holds="COALESCE({value} IN UNNEST({of}), FALSE)",
        letter="\\",
        escapes=True,
        decimal="NUMERIC '{}'",
        number="FLOAT64",
        text="STRING",
    ),
    "spark": Dialect(
        name="spark",
        quote="`",
        longest=_FAR,
        reserved=_KEYWORDS,
        types={
            "boolean": "BOOLEAN",
            "integer": "BIGINT, or a smaller one",
            "decimal": "DECIMAL, of at most 9 places",
            "text": "STRING",
            "texts": "ARRAY<STRING>",
            "instant": "TIMESTAMP, with the zone of the session",
        },
        instant="TIMESTAMP_LTZ '{}'",
        naive="TIMESTAMP_NTZ '{}'",
        collated="{} COLLATE UTF8_BINARY",
        contains="contains({of}, {value})",
        starts_with="startswith({of}, {value})",
        ends_with="endswith({of}, {value})",
        holds="COALESCE(array_contains({of}, {value}), FALSE)",
        letter="\\",
        escapes=True,
        widens="BIGINT",
        text="STRING",
    ),
}
"""The engines that text is written for, by name."""


def dialect(name: str) -> Dialect:
    """The dialect of that name; `FactError` with the names that there are.

    >>> dialect("bigquery").quote
    '`'
    """
    for known, found in DIALECTS.items():
        if known == name:
            return found
    raise FactError("dialect", shown(name), one_of(DIALECTS))


# ---------------------------------------------------------------------------------------------------------------- names


def identifier(name: str, to: Dialect, path: str = "columns") -> str:
    """The name of a column, quoted where it has to be; `FactError` for one that the engine cannot have.

    >>> identifier("tier", DIALECTS["postgres"]), identifier("Lead Number", DIALECTS["postgres"]), identifier("order", DIALECTS["bigquery"])
    ('tier', '"Lead Number"', '`order`')
    """
    banned = next((letter for letter in name if letter in to.banned), None)
    if banned is not None:
        raise FactError(path, f"{shown(name)}, with {shown(banned)}", f"a name that {to.name} can have")
    return _quoted(name, to, path)


def table(name: str | tuple[str, ...], to: Dialect, path: str = "table") -> str:
    """The name of a table: its parts between dots, or as a tuple where a part has a dot itself.

    >>> table("analytics.leads", DIALECTS["duckdb"]), table(("my-project", "crm", "leads"), DIALECTS["bigquery"])
    ('analytics.leads', '`my-project`.crm.leads')
    """
    parts = tuple(name.split(".")) if isinstance(name, str) else name
    if not parts:
        raise FactError(path, "nothing", "the name of a table")
    return ".".join(_quoted(part, to, path) for part in parts)


def _quoted(name: str, to: Dialect, path: str) -> str:
    if not name or not name.isprintable() or _TEMPLATE.search(name):
        raise FactError(path, shown(name), "a name of letters that print")
    if len(name.encode()) > to.longest:
        raise FactError(path, shown(name), f"a name of at most {to.longest} bytes: {to.name} has no longer ones")
    if _PLAIN.fullmatch(name) and name not in to.reserved:
        return name
    inside = name.replace("\\", "\\\\").replace("`", "\\`") if to.name == "bigquery" else name.replace(to.quote, to.quote * 2)
    return f"{to.quote}{inside}{to.quote}"


# ---------------------------------------------------------------------------------------------------------------- texts


def literal(text: str, to: Dialect) -> str:
    r"""The text as a literal that says exactly it.

    >>> for name in ("duckdb", "postgres", "bigquery"):
    ...     print(literal("it's\n", DIALECTS[name]))
    ('it''s' || chr(10))
    E'it''s\u000a'
    'it\'s\u000a'
    """
    bad = next((letter for letter in text if letter == "\0" or ord(letter) in _SURROGATES), None)
    if bad is not None:
        raise FactError("policy", f"{shown(text)}, with U+{ord(bad):04X}", "text without NUL and without halves of surrogate pairs")
    hidden = {found.start() + 1 for found in _TEMPLATE.finditer(text)}
    inside = to.letter == "\\"
    pieces: list[tuple[bool, str]] = []
    for place, letter in enumerate(text):
        plain = letter.isprintable() and place not in hidden
        said = _written(letter, to) if plain else _numbered(letter) if inside else to.letter.format(ord(letter))
        if pieces and (inside or (plain and pieces[-1][0])):
            pieces[-1] = (plain, pieces[-1][1] + said)
        else:
            pieces.append((plain, said))
    if inside:
        whole = pieces[0][1] if pieces else ""
        return f"{to.marked if chr(92) in whole else ''}'{whole}'"
    if not pieces:
        return "''"
    joined = " || ".join(f"'{said}'" if plain else said for plain, said in pieces)
    return f"({joined})" if len(pieces) > 1 else joined


def _written(letter: str, to: Dialect) -> str:
    """A letter that prints, inside quotes."""
    if letter == "'":
        return "\\'" if to.escapes and to.letter == "\\" else "''"
    return "\\\\" if letter == "\\" and (to.escapes or to.marked) else letter


def _numbered(letter: str) -> str:
    """A letter by its number, inside quotes."""
    return f"\\u{ord(letter):04x}" if ord(letter) <= _BASIC else f"\\U{ord(letter):08x}"


def comment(text: str, indent: int = 0) -> str:
    """A comment of one line; what could end it, or mean something to a tool that reads comments, becomes a space.

    >>> comment("Leads; DROP TABLE leads")
    '-- Leads DROP TABLE leads'
    """
    shown_one = "".join(letter if letter.isprintable() else " " for letter in text)
    words = " ".join(_QUIET.sub(" ", shown_one).split())
    return f"-- {' ' * indent}{words[:_LONGEST_COMMENT]}" + ("..." if len(words) > _LONGEST_COMMENT else "")


# -------------------------------------------------------------------------------------------------- numbers and instants


def decimal(value: Fraction, to: Dialect) -> tuple[str, bool]:
    """The least number of nine places that is not below the value, as a literal, and whether it is the value itself.

    >>> decimal(Fraction(1, 3), DIALECTS["bigquery"]), decimal(Fraction(-5, 2), DIALECTS["duckdb"])
    (("NUMERIC '0.333333334'", False), ('-2.5', True))
    """
    scale = 10**_PLACES
    units = ceil(value * scale)
    whole, rest = divmod(abs(units), scale)
    digits = str(rest).rjust(_PLACES, "0").rstrip("0")
    text = ("-" if units < 0 else "") + str(whole) + (f".{digits}" if digits else "")
    return to.decimal.format(text), Fraction(units, scale) == value


def instant(at: datetime, to: Dialect, *, naive: bool = False) -> str:
    """An aware instant as a literal, in UTC; without its zone for a column that has none.

    >>> from inbound_engine.spans import parse_instant
    >>> at = parse_instant("2026-03-02T10:00:00+01:00")
    >>> instant(at, DIALECTS["postgres"]), instant(at, DIALECTS["sqlite"])
    ("TIMESTAMPTZ '2026-03-02 09:00:00+00:00'", '1772442000000000')
    """
    here = at.astimezone(UTC)
    text = (here.replace(tzinfo=None) if naive else here).isoformat(sep=" ")
    return (to.naive if naive else to.instant).format(text, ticks=microseconds(at))
