"""How the figures are calculated, on the page and in the report."""

from dash import html
from dash.development.base_component import Component

TITLE = "How these figures are calculated"

_RULES: tuple[tuple[str, str], ...] = (
    (
        "Success",
        "A check of a vessel succeeds when the vessel answers, on the first attempt or on a retry. A run succeeds when "
        "it reaches every vessel; one vessel not reached makes it partial. An interrupted run counts as a run that did "
        "not succeed. Vessels not yet asked when a run stopped are not counted.",
    ),
    (
        "Retry",
        "A vessel that does not answer is asked again, at most three times unless the fleet file says otherwise. "
        "Each further attempt is a retry. The time spent retrying is the time during which any vessel was waited for "
        "or asked again; vessels retried at the same time count once.",
    ),
    (
        "Run time",
        "Of finished runs. Median and 95th percentile are exact over the whole period, not means of days. A run is "
        "slow when it took more than 1.5 times the median of the 30 runs before it, and at least 5 s longer.",
    ),
    (
        "Uptime and SLA",
        "Uptime: pings answered out of pings recorded on board in the 24 hours before a check. A component's uptime "
        "is the mean of its devices', a vessel's the mean of its components'. After each run every component with an "
        "uptime is checked against the SLA. A component whose state is unknown, since the vessel was not reached or "
        "recorded nothing, is not counted. Checks are kept per UTC day, also for the period of 24 hours.",
    ),
    (
        "Coverage",
        "Pings recorded out of pings expected, one a minute unless the fleet file says otherwise; at most 100 %.",
    ),
    (
        "Gap",
        "An hour, day or week without runs has no rate: it is neither 0 % nor 100 %, is hatched in the charts, and is "
        "left out of all sums and means. It does lower “scheduled runs made”, which counts the slots of today's "
        "schedule.",
    ),
    (
        "Vessels that need action",
        "By who can act, as things are now. On board: devices are down, those with the most hours first. From shore: "
        "the login, address, certificate or database is refused, or the vessel answers without fresh data. Link: not "
        "reached for a day, or in at least 2 % of the runs and three times the fleet's median, or in at least 25 %; "
        "runs in which over a third of the fleet, and three vessels, were not reached are left out while their "
        "attempts are kept. “Time in trouble” in the table is the share of runs that did not reach the vessel, or "
        "after which its equipment missed the SLA.",
    ),
    (
        "Bad days and hours",
        "In a period of two days or less: hours in which the share of checks that reached the vessel was more than 5 "
        "points below that of the middle hour, at most five spans. Otherwise: at most three days on which it was more "
        "than 3 points below that of the period.",
    ),
    (
        "Outage",
        "Of a vessel: from the first run that did not reach it to the next one that did. Of a device: from the run "
        "that found it down to the one that found it otherwise; of one that is down now, from when its vessel saw it "
        "go down. All of it counts, also what lies outside the period; “at least” where its beginning is not known.",
    ),
    (
        "Better or worse",
        "A period is compared with the one before when at least 80 % of the due runs were made in both. Less than half "
        "a point, or a twentieth of a duration, is “about the same”.",
    ),
    (
        "Period",
        "Whole UTC days: “30 days” begins with the day 30 days ago and includes today so far, as in the API. "
        "“24 hours” end now. Each is compared with the period of the same length just before it.",
    ),
)


def rules() -> Component:
    return html.Dl([html.Div([html.Dt(name), html.Dd(text)]) for name, text in _RULES], className="accounting-rules")


def methodology() -> Component:
    return html.Details([html.Summary(TITLE), rules()], className="accounting")
