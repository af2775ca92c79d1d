"""What do the source documents say?

The shipped policy, as plain data: what `Policy()` is made of. Every number that the documents give has its rule beside it
in `source`; "ours" marks a number that no document gives, a starting point to be changed (▽). The page "Interpretations" of
the docs lists every decision and every number that is ours.
"""

from collections.abc import Mapping

__all__ = ["PLAYBOOK"]

_HAND_RAISES = ["demo_request", "call_request", "trial_signup", "contact_form"]

_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
_EVERY_DAY = [*_WEEKDAYS, "saturday", "sunday"]

# Codes and English names (and Québec), by the zones they lie in: what a lead's region may say.
_REGIONS = {
    "US Eastern": (
        "NY|New York|PA|Pennsylvania|OH|Ohio|GA|Georgia|NC|North Carolina|NJ|New Jersey|VA|Virginia|MA|Massachusetts|MD|Maryland"
        "|SC|South Carolina|CT|Connecticut|WV|West Virginia|NH|New Hampshire|ME|Maine|RI|Rhode Island|DE|Delaware|VT|Vermont"
        "|DC|District of Columbia"
    ).split("|"),
    "US Eastern, partly Central": "FL|Florida|MI|Michigan|IN|Indiana|KY|Kentucky".split("|"),
    "US Central": (
        "IL|Illinois|MO|Missouri|WI|Wisconsin|MN|Minnesota|AL|Alabama|LA|Louisiana|OK|Oklahoma|IA|Iowa|MS|Mississippi|AR|Arkansas"
    ).split("|"),
    "US Central, partly Mountain": "TX|Texas|KS|Kansas|NE|Nebraska|SD|South Dakota|ND|North Dakota".split("|"),
    "US Mountain": "CO|Colorado|UT|Utah|NM|New Mexico|MT|Montana|WY|Wyoming".split("|"),
}

_HANDED_OFF = {"op": "equals", "fact": "handed_off", "value": True}

_T1_LADDER = [
    {"id": "escalate", "after_minutes": 5, "action": "escalate", "to": "sales manager", "source": "SL-3"},
    {"id": "reroute", "after_minutes": 15, "action": "reroute", "to": "backup rep", "source": "SL-3"},
]

_OURS_BANDS = "ours: no document gives the bands of an ICP"

PLAYBOOK: Mapping[str, object] = {
    "facts": {
        "declared": [
            {
                "id": "critical_event",
                "kind": "text",
                "label": "Critical event",
                "values": ["none", "implied", "mentioned", "confirmed"],
                "source": "SC-5, SC-10",
            },
            {
                "id": "requested",
                "kind": "text",
                "label": "What the lead asked for in a chat or on a call",
                "values": ["nothing", "newsletter", "webinar", "demo", "call", "trial"],
                "source": "SC-10",
            },
            {"id": "situation", "kind": "text", "label": "Situation (SPICED)", "personal": True, "source": "SC-10"},
            {"id": "pain", "kind": "text", "label": "Pain (SPICED)", "personal": True, "source": "SC-10"},
            {"id": "impact", "kind": "text", "label": "Impact (SPICED)", "personal": True, "source": "SC-10"},
            {"id": "predictive_score", "kind": "integer", "label": "Predictive score, 0 to 100", "source": "SC-11"},
        ],
        "precedence": [
            {"fact": "title", "sources": ["self_reported", "form", "enrichment"]},
            {"fact": "industry", "sources": ["self_reported", "form", "enrichment"]},
        ],
    },
    "touchpoints": [
        {
            "id": "hand_raise",
            "label": "Demo, call, trial or contact form",
            "stage": "selection",
            "kinds": _HAND_RAISES,
            "depth": 3,
            "intent": "high",
            "relevance": "high",
            "hand_raise": True,
            "source": "SC-8; depth is ours",
        },
        {
            "id": "pricing",
            "label": "Pricing page",
            "stage": "selection",
            "kinds": ["page_view", "visit", "email_click"],
            "contents": ["pricing"],
            "content_starts": ["pricing/", "/pricing"],
            "depth": 3,
            "intent": "high",
            "relevance": "high",
            "source": "SC-8; depth is ours",
        },
        {
            "id": "demo_page",
            "label": "Demo or trial page",
            "stage": "selection",
            "kinds": ["page_view", "visit", "email_click"],
            "contents": ["demo", "trial", "contact"],
            "content_starts": ["demo/", "/demo", "trial/", "/trial", "/contact"],
            "depth": 3,
            "intent": "high",
            "relevance": "high",
            "source": "SC-8; depth is ours",
        },
        {
            "id": "trial_activity",
            "label": "Use of a trial",
            "stage": "selection",
            "kinds": ["trial_activity"],
            "depth": 3,
            "intent": "high",
            "relevance": "high",
            "source": "SC-1; depth is ours",
        },
        {
            "id": "case_study",
            "label": "Case study",
            "stage": "education",
            "kinds": ["page_view", "content_download", "email_click"],
            "contents": ["case_study"],
            "content_starts": ["case_study/", "/case-studies"],
            "depth": 2,
            "intent": "medium",
            "relevance": "medium",
            "source": "SC-8; depth is ours",
        },
        {
            "id": "comparison",
            "label": "Comparison page",
            "stage": "education",
            "kinds": ["page_view", "content_download", "email_click"],
            "contents": ["comparison"],
            "content_starts": ["comparison/", "/compare"],
            "depth": 2,
            "intent": "medium",
            "relevance": "medium",
            "source": "SC-8; depth is ours",
        },
        {
            "id": "webinar",
            "label": "Webinar",
            "stage": "education",
            "kinds": ["webinar_registration", "webinar_attendance"],
            "depth": 1,
            "intent": "medium",
            "relevance": "medium",
            "source": "SC-8; depth is ours",
        },
        {
            "id": "guide",
            "label": "Guide",
            "stage": "education",
            "kinds": ["page_view", "content_download", "email_click"],
            "contents": ["guide"],
            "content_starts": ["guide/", "/guides"],
            "depth": 1,
            "intent": "low",
            "relevance": "medium",
            "source": "SC-8; depth is ours",
        },
        {
            "id": "blog",
            "label": "Blog",
            "stage": "education",
            "kinds": ["page_view", "email_click"],
            "contents": ["blog"],
            "content_starts": ["blog/", "/blog"],
            "depth": 0,
            "source": "SC-8; depth is ours",
        },
        {"id": "event", "label": "Event", "stage": "awareness", "kinds": ["event_attendance"], "depth": 0, "source": "SC-8; depth is ours"},
        {
            "id": "newsletter",
            "label": "Newsletter",
            "stage": "awareness",
            "kinds": ["newsletter_signup"],
            "depth": 0,
            "source": "SC-8; depth is ours",
        },
    ],
    "scoring": {
        "criteria": [
            {
                "id": "company_size",
                "label": "Company size",
                "grades": ["outside", "adjacent", "close", "bullseye"],
                "source": "SC-4",
                "grader": {
                    "kind": "bands",
                    "fact": "employees",
                    "rows": [
                        {"grade": 3, "at_least": 50, "at_most": 500},
                        {"grade": 2, "at_least": 20, "at_most": 1000},
                        {"grade": 1, "at_least": 10, "at_most": 2000},
                    ],
                    "source": _OURS_BANDS,
                },
            },
            {
                "id": "industry",
                "label": "Industry",
                "grades": ["wrong", "tangential", "adjacent", "core"],
                "source": "SC-4",
                "grader": {
                    "kind": "lookup",
                    "fact": "industry",
                    "rows": [
                        {"grade": 3, "values": ["saas", "fintech"]},
                        {"grade": 2, "values": ["ecommerce", "insurtech", "healthtech", "martech"]},
                        {"grade": 1, "values": ["professional_services", "telecommunications", "media"]},
                    ],
                    "source": _OURS_BANDS,
                },
            },
            {
                "id": "technology",
                "label": "Technology stack",
                "grades": ["no signals", "some", "strong", "exact match"],
                "source": "SC-4",
                "grader": {
                    "kind": "overlap",
                    "fact": "technologies",
                    "values": ["salesforce", "hubspot", "segment", "snowflake", "outreach"],
                    "rows": [{"grade": 3, "at_least": 3}, {"grade": 2, "at_least": 2}, {"grade": 1, "at_least": 1}],
                    "source": _OURS_BANDS,
                },
            },
            {
                "id": "growth_stage",
                "label": "Growth stage",
                "grades": ["wrong stage", "early", "approaching", "ideal"],
                "source": "SC-4",
                "grader": {
                    "kind": "lookup",
                    "fact": "growth_stage",
                    "rows": [
                        {"grade": 3, "values": ["series_b", "series_c"]},
                        {"grade": 2, "values": ["series_a", "series_d"]},
                        {"grade": 1, "values": ["seed"]},
                    ],
                    "source": _OURS_BANDS,
                },
            },
            {
                "id": "geography",
                "label": "Geography",
                "grades": ["excluded", "secondary", "primary", "core"],
                "source": "SC-4",
                "grader": {
                    "kind": "lookup",
                    "fact": "country",
                    "rows": [
                        {"grade": 3, "values": ["DE", "AT", "CH"]},
                        {"grade": 2, "values": ["GB", "IE", "FR", "NL", "BE", "LU", "DK", "SE", "NO", "FI"]},
                        {"grade": 1, "values": ["ES", "PT", "IT", "PL", "CZ", "US", "CA"]},
                    ],
                    "source": _OURS_BANDS,
                },
            },
            {
                "id": "role",
                "label": "Role",
                "grades": ["wrong department", "adjacent", "right department", "decision-maker"],
                "source": "SC-4",
                "grader": {
                    "kind": "condition",
                    "rows": [
                        {
                            "grade": 3,
                            "when": {
                                "op": "any",
                                "of": [
                                    {"op": "starts_with", "fact": "title", "value": "VP "},
                                    {"op": "starts_with", "fact": "title", "value": "Chief "},
                                    {"op": "is_in", "fact": "title", "values": ["CRO", "CMO", "CEO", "COO", "Founder"]},
                                    {"op": "starts_with", "fact": "title", "value": "Head of "},
                                ],
                            },
                        },
                        {
                            "grade": 2,
                            "when": {
                                "op": "any",
                                "of": [
                                    {"op": "contains", "fact": "title", "value": "Revenue"},
                                    {"op": "contains", "fact": "title", "value": "Marketing"},
                                    {"op": "contains", "fact": "title", "value": "Sales"},
                                    {"op": "contains", "fact": "title", "value": "Growth"},
                                ],
                            },
                        },
                        {
                            "grade": 1,
                            "when": {
                                "op": "any",
                                "of": [
                                    {"op": "contains", "fact": "title", "value": "Operations"},
                                    {"op": "contains", "fact": "title", "value": "Customer"},
                                    {"op": "contains", "fact": "title", "value": "Product"},
                                ],
                            },
                        },
                    ],
                    "source": _OURS_BANDS,
                },
            },
            {
                "id": "recency",
                "label": "Engagement recency",
                "grades": ["none", "more than 30 days", "7 to 30 days", "under 7 days"],
                "source": "SC-5",
                "grader": {
                    "kind": "recency",
                    "activities": {"marketing": True},
                    "rows": [{"grade": 3, "under_days": 7}, {"grade": 2, "within_days": 30}],
                    "older": 1,
                    "none": 0,
                    "source": "SC-5; over all time, SC-8",
                },
            },
            {
                "id": "content_depth",
                "label": "Content depth",
                "grades": ["blog only", "mid-funnel", "bottom-funnel", "pricing or demo"],
                "source": "SC-5",
                "grader": {
                    "kind": "condition",
                    "rows": [
                        {"grade": 3, "when": {"op": "count", "activities": {"depth_at_least": 3}, "within_days": 30, "at_least": 1}},
                        {"grade": 2, "when": {"op": "count", "activities": {"depth_at_least": 2}, "within_days": 30, "at_least": 1}},
                        {"grade": 1, "when": {"op": "count", "activities": {"depth_at_least": 1}, "within_days": 30, "at_least": 1}},
                    ],
                    "source": "SC-5, SC-8; the 30 days are a decision",
                },
            },
            {
                "id": "critical_event",
                "label": "Critical event",
                "grades": ["none", "implied", "mentioned", "confirmed"],
                "source": "SC-5",
                "grader": {
                    "kind": "lookup",
                    "fact": "critical_event",
                    "rows": [
                        {"grade": 3, "values": ["confirmed"]},
                        {"grade": 2, "values": ["mentioned"]},
                        {"grade": 1, "values": ["implied"]},
                    ],
                    "source": "SC-5",
                },
            },
            {
                "id": "repeat_visits",
                "label": "Repeat visits",
                "grades": ["1 or none", "2 to 3", "4 to 6", "7 or more"],
                "source": "SC-5",
                "grader": {
                    "kind": "count",
                    "activities": {"kinds": ["visit"]},
                    "within_days": 30,
                    "rows": [{"grade": 3, "at_least": 7}, {"grade": 2, "at_least": 4}, {"grade": 1, "at_least": 2}],
                    "source": "SC-5; that a visit is an activity of kind visit is ours, the 30 days are a decision (SC-8)",
                },
            },
            {
                "id": "direct_request",
                "label": "Direct request",
                "grades": ["content only", "newsletter", "webinar", "demo, call or trial"],
                "source": "SC-5",
                "grader": {
                    "kind": "condition",
                    "rows": [
                        {
                            "grade": 3,
                            "when": {
                                "op": "any",
                                "of": [
                                    {
                                        "op": "count",
                                        "activities": {"kinds": ["demo_request", "call_request", "trial_signup"]},
                                        "within_days": 30,
                                        "at_least": 1,
                                    },
                                    {
                                        "op": "all",
                                        "of": [
                                            {"op": "known", "fact": "requested"},
                                            {"op": "is_in", "fact": "requested", "values": ["demo", "call", "trial"]},
                                        ],
                                    },
                                ],
                            },
                        },
                        {
                            "grade": 2,
                            "when": {
                                "op": "any",
                                "of": [
                                    {
                                        "op": "count",
                                        "activities": {"kinds": ["webinar_registration", "webinar_attendance"]},
                                        "within_days": 30,
                                        "at_least": 1,
                                    },
                                    {
                                        "op": "all",
                                        "of": [
                                            {"op": "known", "fact": "requested"},
                                            {"op": "equals", "fact": "requested", "value": "webinar"},
                                        ],
                                    },
                                ],
                            },
                        },
                        {
                            "grade": 1,
                            "when": {
                                "op": "any",
                                "of": [
                                    {"op": "count", "activities": {"kinds": ["newsletter_signup"]}, "within_days": 30, "at_least": 1},
                                    {
                                        "op": "all",
                                        "of": [
                                            {"op": "known", "fact": "requested"},
                                            {"op": "equals", "fact": "requested", "value": "newsletter"},
                                        ],
                                    },
                                ],
                            },
                        },
                    ],
                    "source": "SC-5, SC-10; the 30 days are a decision (SC-8)",
                },
            },
        ],
        "matrices": [
            {
                "id": "selection",
                "score": "selection",
                "kind": "graded",
                "scale": "100/3",
                "source": "SC-4, SC-6",
                "weights": [
                    {"criterion": "company_size", "weight": 25, "source": "SC-4"},
                    {"criterion": "industry", "weight": 20, "source": "SC-4"},
                    {"criterion": "technology", "weight": 20, "source": "SC-4"},
                    {"criterion": "growth_stage", "weight": 15, "source": "SC-4"},
                    {"criterion": "geography", "weight": 10, "source": "SC-4"},
                    {"criterion": "role", "weight": 10, "source": "SC-4"},
                ],
            },
            {
                "id": "urgency",
                "score": "urgency",
                "kind": "graded",
                "scale": "100/3",
                "source": "SC-5, SC-6",
                "weights": [
                    {"criterion": "recency", "weight": 25, "source": "SC-5"},
                    {"criterion": "content_depth", "weight": 25, "source": "SC-5"},
                    {"criterion": "critical_event", "weight": 20, "source": "SC-5"},
                    {"criterion": "repeat_visits", "weight": 15, "source": "SC-5"},
                    {"criterion": "direct_request", "weight": 15, "source": "SC-5"},
                ],
            },
            {
                "id": "fit",
                "score": "fit",
                "kind": "graded",
                "scale": "100/3",
                "source": "SC-1",
                "weights": [
                    {"criterion": "company_size", "weight": 20, "source": "ours: SC-1 names the five, not their weights"},
                    {"criterion": "geography", "weight": 20, "source": "ours"},
                    {"criterion": "industry", "weight": 20, "source": "ours"},
                    {"criterion": "technology", "weight": 20, "source": "ours"},
                    {"criterion": "growth_stage", "weight": 20, "source": "ours"},
                ],
            },
            {
                "id": "engagement",
                "score": "engagement",
                "kind": "decayed",
                "weekly": 750,
                "within_days": 30,
                "cap": 100,
                "source": "SC-1, SC-2, SC-3; the points and the decay of 750 thousandths a week are ours",
                "rows": [
                    {
                        "id": "hand_raise",
                        "label": "Demo, call, trial or contact form",
                        "activities": {"hand_raise": True},
                        "points": 40,
                        "source": "ours",
                    },
                    {
                        "id": "trial",
                        "label": "Trial activation",
                        "activities": {"kinds": ["trial_activity"]},
                        "points": 15,
                        "source": "ours",
                    },
                    {
                        "id": "event",
                        "label": "Webinar or event attended",
                        "activities": {"kinds": ["webinar_attendance", "event_attendance"]},
                        "points": 15,
                        "source": "ours",
                    },
                    {"id": "reply", "label": "Reply", "activities": {"kinds": ["reply"]}, "points": 15, "source": "ours"},
                    {"id": "bottom", "label": "Pricing or demo page", "activities": {"depth_at_least": 3}, "points": 10, "source": "ours"},
                    {
                        "id": "middle",
                        "label": "Case study or comparison",
                        "activities": {"depth_at_least": 2},
                        "points": 6,
                        "source": "ours",
                    },
                    {
                        "id": "download",
                        "label": "Download or webinar registration",
                        "activities": {"kinds": ["content_download", "webinar_registration"]},
                        "points": 5,
                        "source": "ours",
                    },
                    {
                        "id": "click",
                        "label": "Email click or newsletter sign-up",
                        "activities": {"kinds": ["email_click", "newsletter_signup"]},
                        "points": 3,
                        "source": "ours",
                    },
                    {"id": "visit", "label": "Visit", "activities": {"kinds": ["visit"]}, "points": 2, "source": "ours"},
                    {"id": "page", "label": "Page view", "activities": {"kinds": ["page_view"]}, "points": 1, "source": "ours"},
                    {
                        "id": "open",
                        "label": "Email open",
                        "activities": {"kinds": ["email_open"]},
                        "points": 0,
                        "source": "SC-1: not just opens",
                    },
                ],
            },
        ],
    },
    "tiers": {
        "rows": [
            {
                "id": "T1",
                "label": "Perfect fit",
                "thresholds": [{"score": "selection", "at_least": 70}, {"score": "urgency", "at_least": 60}],
                "promise": "Route at once to an account executive.",
                "source": "TI-1",
            },
            {
                "id": "T2",
                "label": "Good fit",
                "thresholds": [{"score": "selection", "at_least": 50}, {"score": "urgency", "at_least": 40}],
                "promise": "Route to an SDR for a qualification call.",
                "source": "TI-1",
            },
            {
                "id": "T3",
                "label": "Opportunistic",
                "thresholds": [{"score": "selection", "at_least": 30}, {"score": "urgency", "at_least": 30}],
                "promise": "Nurture sequence; re-score monthly.",
                "source": "TI-1",
            },
        ],
        "below": {
            "id": "NURTURE",
            "label": "Below threshold",
            "reasons": [
                {
                    "id": "low_fit",
                    "label": "Low fit",
                    "when": {"op": "less_than", "fact": "selection", "value": 30},
                    "promise": "Passive nurture: no sequence, no clock.",
                    "source": "TI-1, TI-2",
                },
                {
                    "id": "low_intent",
                    "label": "Low intent",
                    "when": {"op": "always"},
                    "promise": "Automated sequence within 24 hours; re-score monthly.",
                    "source": "TI-2",
                },
            ],
        },
        "floors": [
            {
                "id": "hand_raise_before_enrichment",
                "label": "A hand-raiser about whose fit facts are still missing",
                "tier": "T2",
                "when": {
                    "op": "any",
                    "of": [
                        {"op": "count", "activities": {"hand_raise": True}, "within_days": 30, "at_least": 1},
                        {"op": "is_in", "fact": "lead_type", "values": _HAND_RAISES},
                    ],
                },
                "only_while_unknown": "selection",
                "source": "TI-3",
            },
            {
                "id": "high_intent",
                "label": "High intent whatever the fit",
                "tier": "T2",
                "when": {
                    "op": "count",
                    "activities": {"touchpoints": ["hand_raise", "pricing"]},
                    "within_days": 30,
                    "at_least": 1,
                },
                "enabled": False,
                "source": "TI-3",
            },
        ],
    },
    "qualification": {
        "model": "spiced",
        "mql_tiers": ["T1", "T2", "T3"],
        "held_tiers": ["T3"],
        "dual_axis": [{"score": "fit", "at_least": 40}, {"score": "engagement", "at_least": 30}],
        "clauses": [],
        "source": "TI-4, SC-2",
    },
    "hours": {
        "calendars": [
            {
                "id": "always",
                "label": "Always open: elapsed time",
                "zone": "UTC",
                "weekly": [{"days": _EVERY_DAY, "opens": "00:00", "closes": "24:00"}],
                "source": "SL-6",
            },
            {
                "id": "weekdays",
                "label": "Weekdays around the clock",
                "weekly": [{"days": _WEEKDAYS, "opens": "00:00", "closes": "24:00"}],
                "source": "SL-2; that the 24 hours of the review run on weekdays is a decision",
            },
            {
                "id": "business_hours",
                "label": "Business hours",
                "weekly": [{"days": _WEEKDAYS, "opens": "09:00", "closes": "17:00"}],
                "source": "ours: no document gives working hours (CD-7)",
            },
            {
                "id": "calling_hours",
                "label": "Hours in which people may be called",
                "weekly": [{"days": _EVERY_DAY, "opens": "08:00", "closes": "21:00"}],
                "source": "ours: the hours of United States law, 8 a.m. to 9 p.m. at the called party’s location (47 CFR 64.1200)",
            },
        ],
        "zone": "UTC",
        "zones": [
            {"country": "DE", "zones": ["Europe/Berlin"]},
            {"country": "AT", "zones": ["Europe/Vienna"]},
            {"country": "CH", "zones": ["Europe/Zurich"]},
            {"country": "GB", "zones": ["Europe/London"]},
            {"country": "IE", "zones": ["Europe/Dublin"]},
            {"country": "FR", "zones": ["Europe/Paris"]},
            {"country": "NL", "zones": ["Europe/Amsterdam"]},
            {"country": "BE", "zones": ["Europe/Brussels"]},
            {"country": "LU", "zones": ["Europe/Luxembourg"]},
            {"country": "DK", "zones": ["Europe/Copenhagen"]},
            {"country": "SE", "zones": ["Europe/Stockholm"]},
            {"country": "NO", "zones": ["Europe/Oslo"]},
            {"country": "FI", "zones": ["Europe/Helsinki"]},
            {"country": "ES", "zones": ["Europe/Madrid", "Atlantic/Canary"]},
            {"country": "PT", "zones": ["Europe/Lisbon", "Atlantic/Azores"]},
            {"country": "IT", "zones": ["Europe/Rome"]},
            {"country": "PL", "zones": ["Europe/Warsaw"]},
            {"country": "CZ", "zones": ["Europe/Prague"]},
            {
                "country": "US",
                "zones": [
                    "America/New_York",
                    "America/Chicago",
                    "America/Los_Angeles",
                    "America/Denver",
                    "America/Phoenix",
                    "Pacific/Honolulu",
                    "America/Anchorage",
                    "America/Adak",
                ],
            },
            {"country": "US", "regions": _REGIONS["US Eastern"], "zones": ["America/New_York"]},
            {"country": "US", "regions": _REGIONS["US Eastern, partly Central"], "zones": ["America/New_York", "America/Chicago"]},
            {"country": "US", "regions": _REGIONS["US Central"], "zones": ["America/Chicago"]},
            {"country": "US", "regions": ["TN", "Tennessee"], "zones": ["America/Chicago", "America/New_York"]},
            {"country": "US", "regions": _REGIONS["US Central, partly Mountain"], "zones": ["America/Chicago", "America/Denver"]},
            {"country": "US", "regions": _REGIONS["US Mountain"], "zones": ["America/Denver"]},
            {"country": "US", "regions": ["ID", "Idaho"], "zones": ["America/Denver", "America/Los_Angeles"]},
            {"country": "US", "regions": ["AZ", "Arizona"], "zones": ["America/Phoenix"]},
            {"country": "US", "regions": ["CA", "California", "WA", "Washington"], "zones": ["America/Los_Angeles"]},
            {"country": "US", "regions": ["OR", "Oregon", "NV", "Nevada"], "zones": ["America/Los_Angeles", "America/Denver"]},
            {"country": "US", "regions": ["AK", "Alaska"], "zones": ["America/Anchorage", "America/Adak"]},
            {"country": "US", "regions": ["HI", "Hawaii"], "zones": ["Pacific/Honolulu"]},
            {
                "country": "CA",
                "zones": [
                    "America/Toronto",
                    "America/Vancouver",
                    "America/Edmonton",
                    "America/Halifax",
                    "America/Winnipeg",
                    "America/Regina",
                    "America/St_Johns",
                    "America/Whitehorse",
                    "America/Rankin_Inlet",
                    "America/Cambridge_Bay",
                    "America/Blanc-Sablon",
                    "America/Atikokan",
                ],
            },
            {"country": "CA", "regions": ["ON", "Ontario"], "zones": ["America/Toronto", "America/Winnipeg", "America/Atikokan"]},
            {"country": "CA", "regions": ["QC", "Quebec", "Québec"], "zones": ["America/Toronto", "America/Blanc-Sablon"]},
            {
                "country": "CA",
                "regions": ["BC", "British Columbia"],
                "zones": ["America/Vancouver", "America/Edmonton", "America/Dawson_Creek"],
            },
            {"country": "CA", "regions": ["AB", "Alberta", "NT", "Northwest Territories"], "zones": ["America/Edmonton"]},
            {"country": "CA", "regions": ["MB", "Manitoba"], "zones": ["America/Winnipeg"]},
            {"country": "CA", "regions": ["SK", "Saskatchewan"], "zones": ["America/Regina", "America/Edmonton"]},
            {
                "country": "CA",
                "regions": ["NS", "Nova Scotia", "NB", "New Brunswick", "PE", "Prince Edward Island"],
                "zones": ["America/Halifax"],
            },
            {"country": "CA", "regions": ["NL", "Newfoundland and Labrador"], "zones": ["America/St_Johns", "America/Halifax"]},
            {"country": "CA", "regions": ["YT", "Yukon"], "zones": ["America/Whitehorse"]},
            {
                "country": "CA",
                "regions": ["NU", "Nunavut"],
                "zones": ["America/Iqaluit", "America/Rankin_Inlet", "America/Cambridge_Bay", "America/Atikokan"],
            },
        ],
        "source": "ours: the organisation’s zone and the zones of countries",
    },
    "sla": {
        "tables": [
            {
                "id": "first_response",
                "label": "First response",
                "stopped_by": ["outreach"],
                "source": "SL-3, SL-5",
                "rows": [
                    {
                        "id": "hand_raiser",
                        "label": "Raised its hand, and a person has it",
                        "when": {
                            "op": "all",
                            "of": [
                                _HANDED_OFF,
                                {"op": "count", "activities": {"hand_raise": True}, "within_days": 30, "at_least": 1},
                            ],
                        },
                        "target_minutes": 5,
                        "ladder": _T1_LADDER,
                        "escalate_unassigned": True,
                        "channels": ["call", "email"],
                        "source": "SL-5, a decision: the stricter rules; the 30 days as in SC-8",
                    },
                    {
                        "id": "T1",
                        "label": "Perfect fit",
                        "when": {"op": "all", "of": [{"op": "equals", "fact": "tier", "value": "T1"}, _HANDED_OFF]},
                        "target_minutes": 5,
                        "ladder": _T1_LADDER,
                        "escalate_unassigned": True,
                        "channels": ["call", "email"],
                        "source": "SL-3; the target of the SLA table rules, SL-4",
                    },
                    {
                        "id": "T2",
                        "label": "Good fit",
                        "when": {"op": "all", "of": [{"op": "equals", "fact": "tier", "value": "T2"}, _HANDED_OFF]},
                        "target_minutes": 30,
                        "ladder": [
                            {"id": "escalate", "after_minutes": 30, "action": "escalate", "to": "sales manager", "source": "SL-3"},
                            {"id": "reroute", "after_minutes": 120, "action": "reroute", "to": "backup rep", "source": "SL-3"},
                        ],
                        "channels": ["email", "call"],
                        "source": "SL-3; the target of the SLA table rules, SL-4",
                    },
                    {
                        "id": "T3_routed",
                        "label": "Opportunistic, with a person",
                        "when": {"op": "all", "of": [{"op": "equals", "fact": "tier", "value": "T3"}, _HANDED_OFF]},
                        "target_minutes": 240,
                        "ladder": [
                            {"id": "nurture", "after_minutes": 240, "action": "auto_nurture", "to": "nurture sequence", "source": "SL-3"}
                        ],
                        "channels": ["email"],
                        "source": "SL-3",
                    },
                    {
                        "id": "T3",
                        "label": "Opportunistic, held by marketing",
                        "when": {"op": "equals", "fact": "tier", "value": "T3"},
                        "target_minutes": 240,
                        "stops": "any",
                        "ladder": [{"id": "flag", "after_minutes": 240, "action": "flag", "to": "marketing", "source": "SL-3"}],
                        "channels": ["email"],
                        "source": "SL-3; that the 4 hours are the limit for the first automated email is a decision",
                    },
                    {
                        "id": "mql",
                        "label": "Handed off without one of these tiers",
                        "when": _HANDED_OFF,
                        "target_minutes": 30,
                        "ladder": [
                            {"id": "escalate", "after_minutes": 30, "action": "escalate", "to": "sales manager"},
                            {"id": "reroute", "after_minutes": 120, "action": "reroute", "to": "backup rep"},
                        ],
                        "channels": ["email", "call"],
                        "source": "ours: as T2, for MQLs of the dual axis and of clauses, to which no document gives a target",
                    },
                    {
                        "id": "nurture",
                        "label": "Low intent: automated sequence only",
                        "when": {
                            "op": "all",
                            "of": [
                                {"op": "equals", "fact": "tier", "value": "NURTURE"},
                                {"op": "equals", "fact": "tier_reason", "value": "low_intent"},
                            ],
                        },
                        "target_minutes": 1440,
                        "calendar": "always",
                        "stops": "any",
                        "ladder": [{"id": "flag", "after_minutes": 1440, "action": "flag", "to": "marketing", "source": "CL-3"}],
                        "channels": ["email"],
                        "source": "SL-3, TI-2",
                    },
                ],
            },
            {
                "id": "delivery",
                "label": "MQL delivered to sales",
                "stopped_by": ["delivered"],
                "source": "SL-1",
                "rows": [
                    {
                        "id": "mql",
                        "when": _HANDED_OFF,
                        "target_minutes": 60,
                        "ladder": [{"id": "flag", "after_minutes": 60, "action": "flag", "to": "marketing", "source": "SL-1"}],
                        "source": "SL-1",
                    }
                ],
            },
            {
                "id": "review",
                "label": "Accepted or rejected by sales",
                "stopped_by": ["accepted", "rejected"],
                "source": "SL-2",
                "rows": [
                    {
                        "id": "mql",
                        "when": _HANDED_OFF,
                        "target_minutes": 1440,
                        "calendar": "weekdays",
                        "ladder": [
                            {"id": "escalate", "after_minutes": 1440, "action": "escalate", "to": "sales manager", "source": "SL-2"},
                            {
                                "id": "ignored",
                                "after_minutes": 2880,
                                "action": "recycle",
                                "to": "marketing",
                                "reason": "ignored",
                                "source": "SL-2; ours: the 48 hours",
                            },
                        ],
                        "source": "SL-2",
                    }
                ],
            },
            {
                "id": "follow_up",
                "label": "Follow-up on an accepted lead",
                "stopped_by": ["outreach"],
                "source": "SL-2",
                "rows": [
                    {
                        "id": "sal",
                        "when": {"op": "always"},
                        "target_minutes": 240,
                        "ladder": [{"id": "escalate", "after_minutes": 240, "action": "escalate", "to": "sales manager", "source": "CL-3"}],
                        "source": "SL-2",
                    }
                ],
            },
        ],
        "starts": "mql_or_hand_raise",
        "stops_clock": "human",
        "late_logging_minutes": 15,
        "limits": [
            {
                "id": "T1",
                "label": "Speed to lead of T1",
                "table": "first_response",
                "promises": ["hand_raiser", "T1"],
                "most_missed_percent": 10,
                "median_below_minutes": 10,
                "action": "Escalate at once.",
                "source": "SL-8",
            },
            {
                "id": "overall",
                "label": "Speed to lead overall",
                "table": "first_response",
                "promises": ["hand_raiser", "T1", "T2", "T3_routed", "mql"],
                "median_below_minutes": 240,
                "action": "Review response times per rep and per source.",
                "source": "SL-8; that only the answers of people count is a decision",
            },
        ],
        "figures": [
            {
                "id": "win_rate_5_minutes",
                "label": "Win rate when the first contact comes within 5 minutes",
                "value": 16,
                "unit": "percent",
                "source": "SL-9",
            },
            {
                "id": "win_rate_2_hours",
                "label": "Win rate when the first contact comes after 2 hours",
                "value": 2,
                "unit": "percent",
                "source": "SL-9",
            },
            {
                "id": "contact_rate_after_5_minutes",
                "label": "How many times fewer leads are reached after 5 minutes than before",
                "value": 10,
                "unit": "times",
                "source": "SL-9",
            },
        ],
        "source": "ours: the 15 minutes after which a late entry is flagged (CL-17)",
    },
    "examples": [
        {
            "id": "perfect",
            "label": "Everything fits, and everything says now",
            "at": "2026-03-02T09:00:00Z",
            "lead": {
                "id": "perfect",
                "title": "VP Revenue Operations",
                "country": "DE",
                "industry": "fintech",
                "employees": 240,
                "technologies": ["salesforce", "segment", "snowflake"],
                "growth_stage": "series_b",
                "critical_event": "confirmed",
                "activities": [
                    {"id": "demo", "kind": "demo_request", "at": "2026-03-02T08:55:00Z"},
                    *({"id": f"visit-{day}", "kind": "visit", "at": f"2026-02-{day}T10:00:00Z"} for day in range(20, 27)),
                ],
            },
            "expect": {
                "tier": "T1",
                "mql": True,
                "clause": "tier:T1",
                "handed_off": True,
                "scores": [{"score": "selection", "points": 100}, {"score": "urgency", "points": 100}],
            },
        },
        {
            "id": "good",
            "label": "A good fit that reads and listens: 25 + 20 + 5 + 20/3, and 50/3 + 50/3 + 10",
            "at": "2026-03-02T09:00:00Z",
            "lead": {
                "id": "good",
                "country": "FR",
                "industry": "saas",
                "employees": 500,
                "technologies": [],
                "growth_stage": "seed",
                "activities": [
                    {"id": "study", "kind": "content_download", "content": "case_study", "at": "2026-02-20T09:00:00Z"},
                    {"id": "webinar", "kind": "webinar_attendance", "at": "2026-02-21T15:00:00Z"},
                ],
            },
            "expect": {
                "tier": "T2",
                "handed_off": True,
                "scores": [{"score": "selection", "points": "170/3"}, {"score": "urgency", "points": "130/3"}],
            },
        },
        {
            "id": "opportunistic",
            "label": "A small company that downloads a guide: 25/3 + 20 + 20/3, and 25 + 25/3",
            "at": "2026-03-02T09:00:00Z",
            "lead": {
                "id": "opportunistic",
                "industry": "saas",
                "employees": 15,
                "technologies": ["hubspot"],
                "activities": [{"id": "guide", "kind": "content_download", "content": "guide", "at": "2026-02-27T09:00:00Z"}],
            },
            "expect": {
                "tier": "T3",
                "mql": True,
                "handed_off": False,
                "scores": [{"score": "selection", "points": 35}, {"score": "urgency", "points": "100/3"}],
            },
        },
        {
            "id": "wrong_time",
            "label": "The right company, long ago",
            "at": "2026-03-02T09:00:00Z",
            "lead": {
                "id": "wrong_time",
                "country": "DE",
                "industry": "fintech",
                "employees": 240,
                "activities": [{"id": "visit", "kind": "visit", "at": "2025-10-01T09:00:00Z"}],
            },
            "expect": {"tier": "NURTURE", "reason": "low_intent", "mql": False},
        },
        {
            "id": "known_bad_fit",
            "label": "A demo request from a company that is known to be none of ours keeps its tier",
            "at": "2026-03-02T09:00:00Z",
            "lead": {
                "id": "known_bad_fit",
                "title": "Student",
                "country": "BR",
                "industry": "agriculture",
                "employees": 3,
                "technologies": [],
                "growth_stage": "bootstrapped",
                "activities": [{"id": "demo", "kind": "demo_request", "at": "2026-03-02T08:55:00Z"}],
            },
            "expect": {"tier": "NURTURE", "reason": "low_fit", "mql": False},
        },
        {
            "id": "not_yet_enriched",
            "label": "A decision-maker asks for a demo before anything is enriched",
            "at": "2026-03-02T09:00:00Z",
            "lead": {
                "id": "not_yet_enriched",
                "title": "Chief Revenue Officer",
                "activities": [{"id": "demo", "kind": "demo_request", "at": "2026-03-02T08:55:00Z"}],
            },
            "expect": {"tier": "T2", "mql": True, "clause": "tier:T2", "handed_off": True},
        },
    ],
}
