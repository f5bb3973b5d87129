// What must be right when the page is first painted: light or dark, and times in words. Then everything else starts.
(function () {
  "use strict";

  const fleetdash = (window.fleetdash = window.fleetdash || {});

  // --- light and dark: the system's, unless the viewer chose

  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function theme() {
    const chosen = window.localStorage.getItem("fleetdash-theme");
    document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
  }
  theme();
  system.addEventListener("change", theme);
  document.addEventListener("click", function (event) {
    if (!event.target.closest("#theme-switch, [data-first=theme-switch]")) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    window.localStorage.setItem("fleetdash-theme", next);
    theme();
  });

  // --- times: in the viewer's own zone, ages in words

  function span(seconds) {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (minutes < 1) return "under a minute";
    if (hours < 1) return minutes + " min";
    if (days < 1) return hours + " h" + (minutes % 60 ? " " + (minutes % 60) + " min" : "");
    return days + " d" + (hours % 24 ? " " + (hours % 24) + " h" : "");
  }

  // made once, when first needed: a formatter takes longer than all that is written with it
  function format(options) {
    let formatter = null;
    return (moment) => (formatter ||= new Intl.DateTimeFormat([], { hourCycle: "h23", ...options })).format(moment);
  }
  const dayOf = format({ day: "numeric", month: "short" });
  const minuteOf = format({ hour: "2-digit", minute: "2-digit" });
  const secondOf = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const allOf = format({ dateStyle: "medium", timeStyle: "medium" });

  function words(element) {
    const moment = new Date(element.dateTime);
    const seconds = (Date.now() - moment) / 1000;
    switch (element.dataset.kind) {
      case "age":
        return seconds < 60 ? "just now" : span(seconds) + " ago";
      case "since":
        return span(Math.max(0, seconds));
      case "until":
        return seconds >= 0 ? "due now" : "in " + span(-seconds);
      case "clock":
        return minuteOf(moment);
      case "day":
        return dayOf(moment);
      default:
        return dayOf(moment) + ", " + secondOf(moment);
    }
  }

  function write(element) {
    const text = words(element);
    if (element.textContent === text) return;
    // the text node that React made is kept, so that React can write to it again
    if (element.firstChild) element.firstChild.nodeValue = text;
    else element.textContent = text;
  }

  function paint(element) {
    write(element);
    const moment = new Date(element.dateTime);
    const title = allOf(moment) + " (" + element.dateTime.replace("T", " ").replace("Z", " UTC") + ")";
    if (element.title !== title) element.title = title;
  }

  function paintAll(root) {
    root.querySelectorAll("time[data-kind]").forEach(paint);
  }
  fleetdash.paintTimes = paintAll;

  // as the document comes in: what the server wrote is never seen
  const arriving = new MutationObserver(function (changes) {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.nodeName === "TIME" && node.firstChild) write(node);
    }
  });
  arriving.observe(document, { subtree: true, childList: true });

  setInterval(() => paintAll(document), 10000);

  // --- the scripts: in the order of the page, once what the document shows is painted

  function start() {
    arriving.disconnect();
    const addresses = Array.from(document.querySelectorAll("link[rel=preload][as=script]"), (link) => link.href);
    const scripts = addresses.map((src) => Object.assign(document.createElement("script"), { src, async: false }));
    const last = scripts[scripts.length - 1];
    last.onload = last.onerror = () => new window.DashRenderer();
    document.body.append(...scripts);
  }

  document.addEventListener("DOMContentLoaded", function () {
    // what is not seen is not painted either
    if (document.hidden) start();
    else requestAnimationFrame(() => setTimeout(start));
  });
})();
