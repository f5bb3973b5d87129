"""The report's own stylesheet for the page's classes: paper first, one accent, nothing fetched."""

COLOURS = {
    "ink": "#1b2228",
    "ink-soft": "#55616b",
    "line": "#dde2e6",
    "surface": "#ffffff",
    "accent": "#2456c7",
    "band": "#dde4f6",
    "hatch": "#c3cad0",
    "sync-failed": "#b24704",
    "heat-well": "#eef2f0",
    "heat-low": "#f3dcc9",
    "heat-middle": "#dd9460",
}

_VARIABLES = " ".join(f"--{name}: {value};" for name, value in COLOURS.items())

STYLE = f"""
:root {{ {_VARIABLES} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 800px; padding: 24px; color: var(--ink); background: #fff; line-height: 1.4;
  font: 14px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }}
h1 {{ font-size: 22px; margin: 0 0 4px; }}
h2 {{ font-size: 15px; margin: 24px 0 8px; break-after: avoid; }}
h3 {{ font-size: 13px; margin: 8px 0 4px; color: var(--ink-soft); break-after: avoid; }}
p {{ margin: 0 0 8px; }}
.hint, .unit, caption {{ color: var(--ink-soft); }}
h1 .hint {{ font-weight: 400; }}
.visually-hidden, .shape {{ display: none; }}
.figure-cards {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 8px; margin: 16px 0 0; }}
.figure-card {{ border: 1px solid var(--line); border-radius: 4px; padding: 8px 10px; font-size: 12px;
  break-inside: avoid; }}
.figure-card dt {{ color: var(--ink-soft); }}
.figure-card dd {{ margin: 0; }}
.figure-value {{ font-size: 20px; font-weight: 600; }}
.answer, figure {{ break-inside: avoid; margin: 0; }}
.answer-word, .answer-name {{ font-weight: 600; }}
.answer-line {{ display: flex; gap: 12px; align-items: baseline; }}
.answer-list {{ margin: 0; padding-left: 20px; }}
.answer-list li {{ margin-bottom: 6px; }}
.answer-list h3 {{ font-size: 13px; margin: 8px 0 4px; color: var(--ink-soft); break-after: avoid; }}
p {{ margin: 0; }}
table {{ width: 100%; border-collapse: collapse; font-size: 11px; }}
tr {{ break-inside: avoid; }}
th {{ text-align: left; color: var(--ink-soft); font-weight: 600; vertical-align: bottom; }}
th, td {{ padding: 4px; border-bottom: 1px solid var(--line); }}
td {{ vertical-align: top; }}
.figure-cell {{ text-align: right; }}
td.figure-cell {{ white-space: nowrap; }}
svg {{ display: block; width: 100%; height: auto; }}
.accounting-rules dt {{ font-weight: 600; margin-top: 8px; }}
.accounting-rules dd {{ margin: 0; color: var(--ink-soft); }}
footer {{ margin-top: 24px; color: var(--ink-soft); font-size: 12px; }}
@page {{ margin: 16mm; }}
@media print {{ body {{ padding: 0; max-width: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; }} }}
@media (max-width: 600px) {{ .figure-cards {{ grid-template-columns: repeat(2, 1fr); }}
  .scroll {{ overflow-x: auto; }} }}
"""
