// The charts of the analytics page: colours of the theme, links from points, export as pictures.
(function () {
  "use strict";

  // --- colours: the server writes var(--name), which plotly cannot resolve

  function resolved(value, styles) {
    if (typeof value === "string") {
      const name = value.startsWith("var(--") ? value.slice(4, -1) : null;
      return name ? styles.getPropertyValue(name).trim() : value;
    }
    if (Array.isArray(value)) {
      // long columns of numbers and texts contain no colours
      const plain = value.length > 2 && (value[0] === null || typeof value[0] !== "object");
      return plain ? value : value.map((each) => resolved(each, styles));
    }
    if (value && typeof value === "object") {
      const copy = {};
      for (const key of Object.keys(value)) copy[key] = resolved(value[key], styles);
      return copy;
    }
    return value;
  }

  const charts = () => Array.from(document.querySelectorAll("#analytics-charts .chart-card"));
  const idOf = (card) => card.querySelector(".dash-graph").id;

  function paint(data, _theme) {
    const styles = getComputedStyle(document.documentElement);
    const cards = charts();
    const ids = window.dash_clientside.callback_context.outputs_list.map((output) => output.id);
    return ids.map(function (id) {
      const card = cards.find((each) => idOf(each) === id);
      const chart = data && data[id];
      if (!chart) return window.dash_clientside.no_update;
      card.querySelector("h2").textContent = chart.title;
      card.classList.toggle("is-empty", !chart.figure);
      card.classList.add("is-drawn");
      return chart.figure ? fitted(resolved(chart.figure, styles), card) : { data: [], layout: { height: 8 } };
    });
  }

  // on a narrow card: fewer dates on the axis, more room for names beside bars
  function fitted(figure, card) {
    const layout = figure.layout;
    if (card.clientWidth >= 480) return figure;
    for (const name of Object.keys(layout)) {
      if (name.startsWith("xaxis") && layout[name].type === "date") layout[name].nticks = 4;
    }
    if (layout.meta && layout.meta.ranked) {
      layout.margin.l = 112;
      layout.xaxis.range = [0, layout.xaxis.range[1] * 2.8];
      layout.yaxis.tickfont = Object.assign({}, layout.yaxis.tickfont, { size: 10 });
      for (const bars of figure.data) bars.textfont = Object.assign({}, bars.textfont, { size: 10 });
    }
    return figure;
  }

  // --- a click leads to the vessel or the runs behind a point

  function follow(clicked, figure) {
    if (!clicked) return;
    const point = clicked.points[0];
    const meta = figure.layout.meta;
    let href = typeof point.customdata === "string" ? point.customdata : meta && meta.links && meta.links[point.y];
    if (href && meta && meta.columns) href += meta.columns[point.x];
    if (!href) return;
    window.fleetdash.navigate(href);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { analytics: { paint: paint, follow: follow } });

  // --- a switch of theme: the same data in other colours

  new MutationObserver(function () {
    if (!document.getElementById("analytics-charts")) return;
    window.dash_clientside.set_props("chart-theme", { data: document.documentElement.dataset.bsTheme });
  }).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  // --- pictures include the title and the period, since they are used outside the page

  function save(button) {
    const id = button.dataset.chart;
    const graph = document.querySelector("#" + id + " .js-plotly-plot");
    const card = button.closest(".chart-card");
    const styles = getComputedStyle(document.documentElement);
    const title = card.querySelector("h2").textContent;
    const period = (document.querySelector(".analytics-title .hint") || {}).textContent || "";
    const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    const layout = Object.assign({}, graph.layout, {
      title: {
        text: "<b>" + escaped(title) + "</b><br><span style='font-size:12px'>" + escaped(period) + "</span>",
        font: { size: 15, color: styles.getPropertyValue("--ink").trim() },
        x: 0, xanchor: "left", xref: "container", pad: { l: 16 }, y: 1, yanchor: "top", yref: "container",
      },
      margin: Object.assign({}, graph.layout.margin, { t: 76 }),
      width: 1000,
      height: graph.layout.height + 68,
      autosize: false,
    });
    layout.title.pad.t = 24;
    window.Plotly.downloadImage(
      { data: graph.data, layout: layout },
      { format: button.dataset.format, width: layout.width, height: layout.height, scale: 2, filename: "fleetdash-" + id }
    );
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest(".chart-export");
    if (button) save(button);
  });

  // --- a custom period: put into the address, without a reload

  document.addEventListener("submit", function (event) {
    if (!event.target.matches(".own-period")) return;
    event.preventDefault();
    const query = new URLSearchParams(new FormData(event.target)).toString();
    window.fleetdash.navigate(new URL(event.target.action).pathname + "?" + query);
  });
})();
