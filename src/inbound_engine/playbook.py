"""What do the source documents say?

The shipped policy, as plain data: what `Policy()` is made of. Every number that the documents give has its rule beside it
in `source`; "ours" marks a number that no document gives, a starting point to be changed (▽). The page "Interpretations" of
the docs lists every decision and every number that is ours.
"""

from collections.abc import Mapping

__all__ = ["PLAYBOOK"]

_HAND_RAISES = ["demo_request", "call_request", "trial_signup", "contact_form"]

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
                "label": "A hand-raiser whose fit is low only because facts are missing",
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
}
