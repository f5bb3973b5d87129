"""`/docs`: Swagger UI, served from a package, since closed networks reach no CDN.

All addresses are relative, since a proxy may add a path prefix; no script is inline, since the Content-Security-Policy
forbids that.
"""

from importlib.resources import files

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>fleetdash API</title>
  <link rel="stylesheet" href="docs/static/swagger-ui.css">
  <link rel="icon" href="docs/static/favicon.png">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="docs/static/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  layout: "BaseLayout",
  deepLinking: true,
});
"""


def register(app: FastAPI) -> None:
    """Serve the page; `fastapi-offline` ships Swagger UI."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(_PAGE)

    @app.get("/docs/", include_in_schema=False)
    async def docs_with_a_slash() -> Response:
        return RedirectResponse("../docs")

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    app.mount("/docs/static", StaticFiles(directory=str(files("fastapi_offline") / "static")), name="swagger-ui")
