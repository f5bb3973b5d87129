"""The report's own stylesheet: paper first, one accent, nothing fetched."""

STYLE = """
:root { --ink: #1b2228; --soft: #55616b; --line: #dde2e6; --accent: #2456c7; --bad: #b24704; --hatch: #c3cad0; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 800px; padding: 24px; color: var(--ink); background: #fff; line-height: 1.4;
  font: 14px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 22px; margin: 0 0 4px; }
h2 { font-size: 15px; margin: 24px 0 8px; break-after: avoid; }
p { margin: 0 0 8px; }
.soft, .unit, .hint { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 8px; margin: 16px 0 0; }
.cards > div { border: 1px solid var(--line); border-radius: 4px; padding: 8px 10px; font-size: 12px;
  break-inside: avoid; }
.cards dt { color: var(--soft); }
.cards dd { margin: 0; }
.cards .value { font-size: 20px; font-weight: 600; }
section, figure { break-inside: avoid; margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 12px; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: 4px 6px; border-bottom: 1px solid var(--line); vertical-align: top; }
.figure-cell { text-align: right; white-space: nowrap; }
ol, ul { margin: 0; padding-left: 20px; }
li { margin-bottom: 6px; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 10px; fill: var(--soft); }
svg .axis, svg .row-name { text-anchor: end; }
svg .grid { stroke: var(--line); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
svg .dot, svg .bar { fill: var(--accent); }
svg .gap { fill: url(#hatch); }
svg .hatch { stroke: var(--hatch); stroke-width: 2; }
svg .heat-well { fill: #eef2f0; }
svg .heat-unknown { fill: #fff; }
svg .heat-1 { fill: #f3dcc9; }
svg .heat-2 { fill: #e5ac80; }
svg .heat-3 { fill: #d0793c; }
svg .heat-4 { fill: var(--bad); }
dl.rules dt { font-weight: 600; margin-top: 8px; }
dl.rules dd { margin: 0; color: var(--soft); }
footer { margin-top: 24px; color: var(--soft); font-size: 12px; }
@page { margin: 16mm; }
@media print { body { padding: 0; max-width: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
@media (max-width: 600px) { .cards { grid-template-columns: repeat(2, 1fr); } .scroll { overflow-x: auto; } }
"""
