"""How the figures are reckoned, on the page and in the report."""

from dash import html
from dash.development.base_component import Component

RULES: tuple[tuple[str, str], ...] = (
    (
        "Success",
        "A vessel query succeeds when the vessel answers, on the first attempt or on a retry. A run succeeds when it "
        "reached every vessel; one vessel out of reach makes it partial. An interrupted run counts as a run that did "
        "not succeed. Vessels that a stopped run never came to count neither way.",
    ),
    (
        "Retry",
        "A vessel that does not answer is asked again, at most three times unless the fleet file says otherwise. "
        "Each further attempt is a retry. The time in retries is the time during which some vessel was waited for "
        "or asked again; vessels that are retried at the same time count once.",
    ),
    (
        "Duration",
        "Of runs that came to their end. Median and 95th percentile are exact over the whole period, not means of"
        " days. A run is slow when it took over 1.5 times the median of the 30 before it, and at least 5 s "
        "longer.",
    ),
    (
        "Uptime and SLA",
        "Uptime: pings answered of pings recorded on board in the 24 hours before a check. A component's is the "
        "mean of its devices', a vessel's the mean of its components'. After each run every component with an "
        "uptime is checked against the SLA. What is unknown, since the vessel was not reached or recorded nothing, "
        "counts neither way. Checks are kept by UTC day, also for the period of 24 hours.",
    ),
    (
        "Coverage",
        "Pings recorded of pings expected, one a minute unless the fleet file says otherwise; at most 100 %.",
    ),
    (
        "Gap",
        "An hour, day or week in which no run was made has no rate: it is neither 0 % nor 100 %, is hatched in "
        "the charts, and is left out of all sums and means. It does show in “runs made of runs due”, which counts"
        " the slots of the schedule as it stands today.",
    ),
    (
        "Vessels that need a visit",
        "A run is trouble for a vessel when it did not reach it, or when its equipment missed the SLA after it. "
        "Vessels are ranked by the share of such runs; named are those with at least 2 %, and three times as much "
        "as the fleet's median, or at least 25 %.",
    ),
    (
        "Bad days",
        "At most three days on which the share of vessel queries answered lies more than 3 points below the period's.",
    ),
    (
        "Outage",
        "A vessel: from the first run that did not reach it to the next that did. A device: from the run that found"
        " it down to the one that found it otherwise. Only what lies within the period counts.",
    ),
    (
        "Period",
        "Whole UTC days; “30 days” begins with the day 30 days back and includes today so far, as in the API. “24"
        " hours” end now. Each is compared with the period of the same length right before it.",
    ),
)


def rules() -> Component:
    return html.Dl([html.Div([html.Dt(name), html.Dd(text)]) for name, text in RULES], className="accounting-rules")


def accounting() -> Component:
    return html.Details([html.Summary("How these figures are reckoned"), rules()], className="accounting")
