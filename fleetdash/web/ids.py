"""Names of components, shared by views, callbacks and tests; those of the contract stand first."""

FLEET_GRID = "fleet-grid"
FLEET_SEARCH = "fleet-search"
FLEET_FILTER_STATUS = "fleet-filter-status"
RUN_PROGRESS = "run-progress"
RUN_NOW = "run-now"
REFRESH_INTERVAL = "refresh-interval"
CONNECTION_LOST = "connection-lost"
VESSEL_MODAL = "vessel-modal"
VESSEL_DEVICES = "vessel-devices"
VESSEL_RUN_LOG = "vessel-run-log"
RUN_LOG = "run-log"
RUN_FILTER_STATUS = "run-filter-status"
RUN_LOG_NEXT = "run-log-next"
RUN_LOG_PREVIOUS = "run-log-previous"
RUN_DETAILS = "run-details"
STATUS_LEGEND = "status-legend"

RUN_FILTER_TRIGGER = "run-filter-trigger"
RUN_FILTER_VESSEL = "run-filter-vessel"
RUN_FILTER_SINCE = "run-filter-since"
RUN_FILTER_UNTIL = "run-filter-until"
URL = "url"
VERSION = "version"
DATABASE_AWAY = "database-away"
SCHEDULER_LINE = "scheduler-line"
RUN_NOW_MESSAGE = "run-now-message"
FLEET_ADDRESS = "fleet-address"
PAGE_ADDRESS = "page-address"
VESSEL_ADDRESS = "vessel-address"
VESSEL_QUERY = "vessel-query"
ADDRESSES = (FLEET_ADDRESS, VESSEL_ADDRESS, VESSEL_QUERY, PAGE_ADDRESS)
"""What of the address concerns which part of the page; the script keeps them."""

FLEET_PAGE = "fleet-page"
FLEET_VIEW = "fleet-view"
FLEET_FILTERS = "fleet-filters"
FLEET_LEGEND = "fleet-legend"
FLEET_TILES = "fleet-tiles"
OTHER_PAGE = "other-page"
OTHER_PAGE_FRAME = "other-page-frame"
NAVIGATION = "navigation"
VESSEL_TITLE = "vessel-title"
VESSEL_SUMMARY = "vessel-summary"
VESSEL_TABS = "vessel-tabs"
VESSEL_PANEL = "vessel-panel"
VESSEL_TIMELINE = "vessel-timeline"
TIMELINE_DAYS = "timeline-days"
DEVICE_FILTER = "device-filter"
DEVICE_SEARCH = "device-search"
DEVICE_SORT = "device-sort"
RETRY = "retry"
THEME_SWITCH = "theme-switch"
OLDER_DATA = "older-data"
DEMO_BANNER = "demo-banner"

CHART_SUCCESS_RATE = "chart-success-rate"
CHART_DURATION = "chart-duration"
CHART_RETRIES = "chart-retries"
CHART_RELIABILITY = "chart-reliability"
CHART_SYNC_HISTORY = "chart-sync-history"
CHART_SLA = "chart-sla"
CHART_OUTAGES = "chart-outages"
CHARTS = (
    CHART_SUCCESS_RATE,
    CHART_RELIABILITY,
    CHART_DURATION,
    CHART_SLA,
    CHART_RETRIES,
    CHART_OUTAGES,
    CHART_SYNC_HISTORY,
)
"""In the order in which they stand on the page."""

ANALYTICS_PAGE = "analytics-page"
PAGES = (FLEET_PAGE, OTHER_PAGE_FRAME, ANALYTICS_PAGE)
"""One of them is shown."""

ANALYTICS_KEY = "analytics-key"
ANALYTICS_HEAD = "analytics-head"
ANALYTICS_FIGURES = "analytics-figures"
ANALYTICS_ANSWERS = "analytics-answers"
ANALYTICS_TABLES = "analytics-tables"
ANALYTICS_CHARTS = "analytics-charts"
CHART_DATA = "chart-data"
CHART_THEME = "chart-theme"
