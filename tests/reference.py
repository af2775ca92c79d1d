"""The same rules once more, slow and plain: dictionaries, loops and fractions, over nothing but plain data.

It reads `policy.model_dump(mode="json")` and `facts.to_dict(lead)`, shares no code with the library, and says what the library
must say. Whoever doubts a decision can follow it here line by line.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain
from typing import Any, TypeAlias

__all__ = ["assess"]

Plain: TypeAlias = Any  # plain data of any shape
Seen: TypeAlias = dict[str, Any]
Span: TypeAlias = tuple[Fraction, Fraction]  # the worst and the best that missing facts still allow

HIGHEST = 3
ACCOUNT_FACTS = {
    "account_name": "name",
    **{
        name: name
        for name in (
            "domain",
            "industry",
            "employees",
            "annual_revenue",
            "growth_stage",
            "technologies",
            "owner",
            "named_rep",
            "csm",
            "open_opportunity_owner",
        )
    },
}
LEAD_FACTS = {
    *("id", "created_at", "name", "email", "title", "department", "lead_type", "source", "self_reported", "product", "contact_id"),
    "suppressed",
}


def assess(policy: Plain, lead: Plain, at: datetime) -> dict[str, Any]:
    """Grades, scores, tier and qualification of a lead as of an instant."""
    seen = {"policy": policy, "lead": _settled(policy, lead, at), "at": at, "derived": {}}
    graded = {row["id"]: _grade(row["grader"], seen) for row in policy["scoring"]["criteria"]}
    scores: dict[str, Fraction] = {}
    spans: dict[str, Span] = {}
    for name in dict.fromkeys(matrix["score"] for matrix in policy["scoring"]["matrices"]):
        scores[name], spans[name] = _score(name, graded, seen)
    for total in policy["scoring"]["totals"]:
        scores[total["id"]] = sum((scores[name] for name in total["of"]), Fraction())
        spans[total["id"]] = _added(spans[name] for name in total["of"])
    seen["derived"] = scores
    tier, unraised, reason, raised_by = _tier(policy["tiers"], scores, spans, seen)
    seen["derived"] = {**scores, "tier": tier}
    return {
        "grades": {name: grade for name, (grade, _) in graded.items()},
        "scores": scores,
        "tier": tier,
        "reason": reason,
        "raised_by": raised_by,
        "unraised": unraised,
        **_qualification(policy["qualification"], tier, scores, seen),
    }


# --------------------------------------------------------------------------------------------------------------- facts


def _settled(policy: Plain, lead: Plain, at: datetime) -> Plain:
    """The lead with what other sources say where its own record says nothing."""
    order = {row["fact"]: row["sources"] for row in policy["facts"]["precedence"]}
    declared = {row["id"]: row["of"] for row in policy["facts"]["declared"]}
    account = dict(lead.get("account", {}))
    settled = {**lead, "account": account, "extra": dict(lead.get("extra", {}))}
    account["extra"] = dict(account.get("extra", {}))
    told: set[str] = set()

    def place(row: Plain) -> tuple[int, str, float, str]:
        sources = order.get(row["fact"], [])
        ranked = row["source"] in sources
        newest_first = -datetime.fromisoformat(row["at"]).timestamp() if "at" in row else float("inf")
        return sources.index(row["source"]) if ranked else len(sources), "" if ranked else row["source"], newest_first, str(row["value"])

    own = {**lead, "account": {"extra": {}, **lead.get("account", {})}, "extra": lead.get("extra", {})}
    record = {"policy": policy, "lead": own, "at": at, "derived": {}}
    for row in sorted(lead.get("observations", []), key=place):
        name = row["fact"]
        if ("at" in row and datetime.fromisoformat(row["at"]) > at) or _says_nothing(row["value"], _unknown(policy, name)):
            continue
        if name in declared:
            home = settled["extra"] if declared[name] == "lead" else account["extra"]
        else:
            home = account if name in ACCOUNT_FACTS else settled
        if _fact(name, record) is None and name not in told:
            told.add(name)
            home[ACCOUNT_FACTS.get(name, name)] = row["value"]
    return settled


def _fact(name: str, seen: Seen) -> Plain:
    """What is known of a fact, None where nothing is."""
    policy, lead = seen["policy"], seen["lead"]
    account = lead["account"]
    if name in seen["derived"]:
        return seen["derived"][name]
    declared = {row["id"]: row for row in policy["facts"]["declared"]}
    if name in declared:
        home = lead if declared[name]["of"] == "lead" else account
        value = home["extra"].get(name)
        if value is not None and declared[name]["kind"] == "decimal":
            value = Fraction(value)
    elif name in {"country", "region"}:
        value = lead.get(name, account.get(name))
    elif name == "email_domain":
        value = lead["email"].rpartition("@")[2].casefold() if "email" in lead else None
    elif name == "suppressed":
        value = lead.get(name, [])
    elif name == "created_at":
        value = lead.get(name)
        value = value if value is not None and datetime.fromisoformat(value) <= seen["at"] else None
    elif name in LEAD_FACTS:
        value = lead.get(name)
    else:
        value = account.get(ACCOUNT_FACTS[name])
    unknown = _unknown(policy, name)
    if _says_nothing(value, unknown):
        return None
    return [item for item in value if item not in unknown] if isinstance(value, list) else value


def _unknown(policy: Plain, name: str) -> list[str]:
    """The raw values that mean unknown."""
    return next((list(row["values"]) for row in policy["facts"]["unknown"] if row["fact"] == name), [])


def _says_nothing(value: Plain, unknown: list[str]) -> bool:
    if isinstance(value, list):
        return bool(value) and all(item in unknown for item in value)
    return value is None or value in unknown


def _activities(seen: Seen) -> list[Plain] | None:
    """What is visible of the activities."""
    activities = seen["lead"].get("activities")
    return None if activities is None else [row for row in activities if datetime.fromisoformat(row["at"]) <= seen["at"]]


def _is_meant(asked: Plain, activity: Plain, policy: Plain) -> bool:
    """Whether a filter means an activity."""
    if not _fits(asked, activity):
        return False
    if asked["channels"] and activity.get("channel") not in asked["channels"]:
        return False
    if asked["campaigns"] and activity.get("campaign") not in asked["campaigns"]:
        return False
    if asked["marketing"] is not None and activity.get("marketing", True) is not asked["marketing"]:
        return False
    point = next((row for row in policy["touchpoints"] if _fits(row, activity)), {"id": None, "depth": 0, "hand_raise": False})
    if asked["touchpoints"] and point["id"] not in asked["touchpoints"]:
        return False
    if asked["depth_at_least"] is not None and point["depth"] < asked["depth_at_least"]:
        return False
    return asked["hand_raise"] is None or point["hand_raise"] is asked["hand_raise"]


def _fits(row: Plain, activity: Plain) -> bool:
    """Kinds and contents alone."""
    if row["kinds"] and activity["kind"] not in row["kinds"]:
        return False
    if not row["contents"] and not row["content_starts"]:
        return True
    content = activity.get("content")
    return content is not None and (content in row["contents"] or any(content.startswith(start) for start in row["content_starts"]))


def _those(asked: Plain, days: int | None, seen: Seen) -> list[Plain] | None:
    """The activities that are meant, within the last days."""
    activities = _activities(seen)
    if activities is None:
        return None
    since = None if days is None else seen["at"] - timedelta(days=days)
    return [
        row for row in activities if _is_meant(asked, row, seen["policy"]) and (since is None or datetime.fromisoformat(row["at"]) >= since)
    ]


# ---------------------------------------------------------------------------------------------------------- conditions


def _lasts(when: Plain, seen: Seen) -> bool | None:
    """The answer that no missing fact can change any more: whether a fact is known, only a known one says for good."""
    return _holds(when, {**seen, "for good": True})


def _holds(when: Plain, seen: Seen) -> bool | None:
    """True, false, or None for unknown."""
    match when["op"]:
        case "always":
            return True
        case "all":
            answers = [_holds(part, seen) for part in when["of"]]
            return False if False in answers else None if None in answers else True
        case "any":
            answers = [_holds(part, seen) for part in when["of"]]
            return True if True in answers else None if None in answers else False
        case "not":
            answer = _holds(when["of"], seen)
            return None if answer is None else not answer
        case "count":
            found = _those(when["activities"], when["within_days"], seen)
            if found is None:
                return None
            return (when["at_least"] or 0) <= len(found) and (when["at_most"] is None or len(found) <= when["at_most"])
        case op:
            return _compares(op, when, _fact(when["fact"], seen), seen)


def _compares(op: str, when: Plain, value: Plain, seen: Seen) -> bool | None:
    if op in {"known", "unknown"}:
        return None if value is None and "for good" in seen else (value is not None) is (op == "known")
    if value is None:
        return None
    if isinstance(value, Mapping) and value["currency"] != when["value"]["currency"]:
        return None
    here = _comparable(value)
    asked = {key: _comparable(when[key], like=here) for key in ("value", "low", "high") if key in when}
    relations: dict[str, Callable[[], bool]] = {
        "equals": lambda: here == asked["value"],
        "differs": lambda: here != asked["value"],
        "at_least": lambda: here >= asked["value"],
        "at_most": lambda: here <= asked["value"],
        "more_than": lambda: here > asked["value"],
        "less_than": lambda: here < asked["value"],
        "between": lambda: asked["low"] <= here <= asked["high"],
        "is_in": lambda: value in when["values"],
        "overlaps": lambda: any(item in value for item in when["values"]),
        "contains": lambda: when["value"] in value,
        "starts_with": lambda: value.startswith(when["value"]),
        "ends_with": lambda: value.endswith(when["value"]),
        "within": lambda: seen["at"] - timedelta(days=when["days"]) <= datetime.fromisoformat(value) <= seen["at"],
        "older_than": lambda: datetime.fromisoformat(value) < seen["at"] - timedelta(days=when["days"]),
    }
    return relations[op]()


def _comparable(value: Plain, like: Plain = None) -> Plain:
    """Amounts as minor units of two decimals, exact text as fractions where numbers are compared."""
    if isinstance(value, Mapping):
        return value["minor"] if "minor" in value else Fraction(value["amount"]) * 100
    if isinstance(value, str) and isinstance(like, int | Fraction):
        return Fraction(value)
    return value


# ------------------------------------------------------------------------------------------------------------- grading


def _grade(grader: Plain, seen: Seen) -> tuple[int | None, Sequence[int]]:
    """The grade, and every grade that is still possible."""
    kind = grader["kind"]
    if kind == "condition":
        return _first_case(grader, seen)
    if kind == "recency":
        found = _those(grader["activities"], None, seen)
        every = {row["grade"] for row in grader["rows"]} | {grader["older"], grader["none"]}
        return _sure(None if found is None else _recency(grader, found, seen["at"]), every)
    if kind == "count":
        found = _those(grader["activities"], grader["within_days"], seen)
        return _sure(None if found is None else _stepped(grader, len(found)), _grades(grader))
    value = _fact(grader["fact"], seen)
    if kind == "given":
        return _sure(value, range(HIGHEST + 1))
    if value is None:
        return _sure(None, _grades(grader))
    if kind == "overlap":
        return _sure(_stepped(grader, len({*value} & {*grader["values"]})), _grades(grader))
    if kind == "lookup":
        grade = next((row["grade"] for row in grader["rows"] if value in row["values"]), grader["otherwise"])
        return _sure(grade, _grades(grader))
    grade = next((row["grade"] for row in grader["rows"] if _in_band(row, value)), grader["otherwise"])
    return _sure(grade, _grades(grader))


def _sure(grade: int | None, every: Iterable[int]) -> tuple[int | None, Sequence[int]]:
    return (None, sorted(every)) if grade is None else (grade, [grade])


def _grades(grader: Plain) -> set[int]:
    return {row["grade"] for row in grader["rows"]} | {grader["otherwise"]}


def _in_band(row: Plain, value: Plain) -> bool:
    return (row["at_least"] is None or value >= row["at_least"]) and (row["at_most"] is None or value <= row["at_most"])


def _stepped(grader: Plain, count: int) -> int:
    return int(next((row["grade"] for row in grader["rows"] if count >= row["at_least"]), grader["otherwise"]))


def _recency(grader: Plain, found: list[Plain], at: datetime) -> int:
    if not found:
        return int(grader["none"])
    age = at - max(datetime.fromisoformat(row["at"]) for row in found)
    for row in grader["rows"]:
        if row["under_days"] is not None and age < timedelta(days=row["under_days"]):
            return int(row["grade"])
        if row["within_days"] is not None and age <= timedelta(days=row["within_days"]):
            return int(row["grade"])
    return int(grader["older"])


def _first_case(grader: Plain, seen: Seen) -> tuple[int | None, Sequence[int]]:
    now, for_good = _earned(grader, seen, _holds), _earned(grader, seen, _lasts)
    return (min(now) if len(now) == 1 else None), sorted(for_good)


def _earned(grader: Plain, seen: Seen, answers: Callable[[Plain, Seen], bool | None]) -> set[int]:
    """What the first row that is true earns, and those before it that may be."""
    earned: set[int] = set()
    for row in grader["rows"]:
        answer = answers(row["when"], seen)
        if answer is not False:
            earned.add(row["grade"])
        if answer:
            return earned
    return {*earned, grader["otherwise"]}


# ------------------------------------------------------------------------------------------------------------- scoring


def _score(name: str, graded: Plain, seen: Seen) -> tuple[Fraction, Span]:
    """The score, and the worst and the best that missing facts still allow."""
    scoring, product = seen["policy"]["scoring"], _recorded_product(seen)
    matrices = [matrix for matrix in scoring["matrices"] if matrix["score"] == name]
    answers = {matrix["id"]: matrix["when"] is None or _holds(matrix["when"], seen) for matrix in matrices}
    chosen = [matrix for matrix in matrices if answers[matrix["id"]]]
    possible = [matrix for matrix in matrices if matrix["when"] is None or _lasts(matrix["when"], seen) is not False]
    if scoring["choice"] == "named":
        named = [matrix for matrix in chosen if product in matrix["products"]]
        general = [matrix for matrix in chosen if not matrix["products"]]
        chosen = (named or general)[:1] or chosen
        if product is not None or not any(matrix["products"] for matrix in matrices):
            possible = chosen  # as long as no segments are asked for, which the policies of the laws do not
    points = max(_measured(matrix, graded, seen)[0] for matrix in chosen)
    spans = [_measured(matrix, graded, seen)[1] for matrix in possible]
    worst = max if scoring["choice"] == "best" else min
    return points, (worst(low for low, _ in spans), max(high for _, high in spans))


def _added(spans: Iterable[Span]) -> Span:
    lows, highs = zip(*spans, strict=True)
    return sum(lows, Fraction()), sum(highs, Fraction())


def _recorded_product(seen: Seen) -> str | None:
    product = seen["lead"].get("product")
    return product if isinstance(product, str) else None


def _measured(matrix: Plain, graded: Plain, seen: Seen) -> tuple[Fraction, Span]:
    match matrix["kind"]:
        case "graded":
            return _weighed(matrix, graded)
        case "points":
            sure = sum(row["points"] for row in matrix["rows"] if _holds(row["when"], seen))
            still = [(row["points"], _lasts(row["when"], seen)) for row in matrix["rows"]]
            feared = sum(points for points, answer in still if answer or (answer is None and points < 0))
            hoped = sum(points for points, answer in still if answer or (answer is None and points > 0))
            return _between(matrix, sure), (_between(matrix, feared), _between(matrix, hoped))
        case _:
            return _decayed(matrix, seen)


def _weighed(matrix: Plain, graded: Plain) -> tuple[Fraction, Span]:
    scale = Fraction(matrix["scale"])
    weights = {row["criterion"]: Fraction(row["weight"]) for row in matrix["weights"]}
    known = {name: weight for name, weight in weights.items() if graded[name][0] is not None}
    whole = sum(known.values()) if matrix["missing"] == "renormalise" else Fraction(100)
    points = sum((weight * graded[name][0] for name, weight in known.items()), Fraction())
    feared = sum((weight * min(graded[name][1]) for name, weight in weights.items()), Fraction())
    hoped = sum((weight * max(graded[name][1]) for name, weight in weights.items()), Fraction())
    return (points * scale / whole if whole else Fraction()), (feared * scale / 100, hoped * scale / 100)


def _between(matrix: Plain, points: int) -> Fraction:
    if matrix["floor"] is not None:
        points = max(points, matrix["floor"])
    if matrix["cap"] is not None:
        points = min(points, matrix["cap"])
    return Fraction(points)


def _decayed(matrix: Plain, seen: Seen) -> tuple[Fraction, Span]:
    activities = _activities(seen)
    if activities is None:
        return Fraction(), (Fraction(), Fraction(matrix["cap"]))
    thousandths = 0
    for activity in activities:
        age = seen["at"] - datetime.fromisoformat(activity["at"])
        row = next((row for row in matrix["rows"] if _is_meant(row["activities"], activity, seen["policy"])), None)
        if row is None or age > timedelta(days=matrix["within_days"]):
            continue
        factor = 1000
        for _ in range(age.days // 7):
            factor = factor * matrix["weekly"] // 1000
        thousandths += row["points"] * factor
    points = min(Fraction(thousandths, 1000), Fraction(matrix["cap"]))
    return points, (points, points)


# ------------------------------------------------------------------------------------------- tiers and qualification


def _reaches(thresholds: Plain, scores: Mapping[str, Fraction]) -> bool:
    return all(scores[row["score"]] >= Fraction(row["at_least"]) for row in thresholds)


def _tier(
    tiers: Plain, scores: Mapping[str, Fraction], spans: Mapping[str, Span], seen: Seen
) -> tuple[str, str | None, str | None, str | None]:
    """The tier, the tier without floors where one lifted it, the reason below, and the floor."""
    names = [row["id"] for row in tiers["rows"]]
    place = next((place for place, row in enumerate(tiers["rows"]) if _reaches(row["thresholds"], scores)), len(names))
    named = [*names, tiers["below"]["id"]]
    lifting = [floor for floor in tiers["floors"] if floor["enabled"] and _lifts(floor, tiers, spans, seen)]
    highest = min(lifting, key=lambda floor: names.index(floor["tier"]), default=None)
    if highest is not None and names.index(highest["tier"]) < place:
        return highest["tier"], named[place], None, highest["id"]
    reason = next((row["id"] for row in tiers["below"]["reasons"] if _holds(row["when"], seen)), None) if place == len(names) else None
    return named[place], None, reason, None


def _lifts(floor: Plain, tiers: Plain, spans: Mapping[str, Span], seen: Seen) -> bool:
    if not _holds(floor["when"], seen):
        return False
    score = floor["only_while_unknown"]
    if score is None:
        return True
    thresholds = next(row["thresholds"] for row in tiers["rows"] if row["id"] == floor["tier"])
    line = next(Fraction(row["at_least"]) for row in thresholds if row["score"] == score)
    worst, best = spans[score]
    return worst < best and line <= best


def _qualification(document: Plain, tier: str, scores: Mapping[str, Fraction], seen: Seen) -> dict[str, Any]:
    spiced = tier in document["mql_tiers"]
    dual_axis = bool(document["dual_axis"]) and _reaches(document["dual_axis"], scores)
    model: list[tuple[str, bool]] = []
    if document["model"] == "spiced" and spiced:
        model = [(f"tier:{tier}", tier in document["held_tiers"])]
    if document["model"] == "dual_axis" and dual_axis:
        model = [("dual_axis", False)]
    clauses = [(row["id"], row["held"]) for row in document["clauses"] if row["enabled"] and _holds(row["when"], seen)]
    holding = list(chain(model, clauses))
    handed_off = [name for name, held in holding if not held]
    return {
        "mql": bool(holding),
        "clause": next(chain(handed_off, (name for name, _ in holding)), None),
        "handed_off": bool(handed_off),
        "clauses": tuple(name for name, _ in holding),
        "spiced": spiced,
        "dual_axis": dual_axis,
    }
