"""The web pages: modules with `routes(site)`, imported when the server starts."""

PAGES: tuple[str, ...] = (
    "adapters.web.archive",
    "adapters.web.login",
    "adapters.web.stories",
    "adapters.web.search",
    "adapters.web.predictions",
    "adapters.web.sources",
    "adapters.web.status",
    "adapters.web.feeds_out",
    "adapters.web.preview",
)

# What the head of every page leads to: path and name.
MENU: tuple[tuple[str, str], ...] = (
    ("/", "Digests"),
    ("/stories", "Stories"),
    ("/predictions", "Predictions"),
    ("/search", "Search"),
    ("/sources", "Sources"),
    ("/status", "Status"),
    ("/preview", "Preview"),
)
