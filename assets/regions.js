// Regions: HTML that the server made, an element a part; what did not change stays as it is. And times, in words.
(function () {
  "use strict";

  const fleetdash = (window.fleetdash = window.fleetdash || {});
  const IN_MODAL = ["vessel-title", "vessel-summary", "vessel-devices", "vessel-timeline", "vessel-run-log"];
  const contents = {};

  function show(parts, storeId) {
    const region = storeId.replace(/-content$/, "");
    if (!parts) return;
    contents[region] = parts;
    place(region);
  }

  function place(region) {
    const element = document.getElementById(region);
    const parts = contents[region];
    if (!element || !parts) return false;
    const shown = element.shownParts || [];
    if (shown.length === parts.length && shown.every((part, i) => part === parts[i])) return true;
    const focused = element.contains(document.activeElement) ? keyOf(document.activeElement) : null;
    const scrolled = Array.from(element.querySelectorAll(".table-scroll"), (table) => table.scrollLeft);
    if (!shown.length) element.innerHTML = parts.join("");
    while (element.children.length > parts.length) element.lastElementChild.remove();
    parts.forEach(function (part, i) {
      const old = element.children[i];
      if (old && (!shown.length || part === shown[i])) return;
      const made = document.createElement("template");
      made.innerHTML = part;
      if (old) old.replaceWith(made.content.firstElementChild);
      else element.append(made.content.firstElementChild);
    });
    element.shownParts = parts;
    paintAll(element);
    fleetdash.syncFields(element);
    element.querySelectorAll(".table-scroll").forEach((table, i) => (table.scrollLeft = scrolled[i] || 0));
    if (focused && !element.contains(document.activeElement)) {
      const again = element.querySelector(focused);
      if (again) again.focus({ preventScroll: true });
    }
    return true;
  }

  // what the page brought along is placed as soon as there is a place for it
  const first = JSON.parse(document.getElementById("first-view").textContent);
  Object.assign(contents, first);
  new MutationObserver(function (_changes, observer) {
    if (Object.keys(first).map(place).every(Boolean)) observer.disconnect();
  }).observe(document.body, { subtree: true, childList: true });

  // how to find an element again after its part was replaced
  function keyOf(element) {
    if (element.id) return "#" + CSS.escape(element.id);
    for (const name of ["data-vessel-id", "data-copy", "data-filter", "href", "aria-label"]) {
      if (element.hasAttribute(name)) return "[" + name + "=" + JSON.stringify(element.getAttribute(name)) + "]";
    }
    return null;
  }

  // --- the modal's regions are there only while it is open, and never show another vessel's content

  let filledFor = null;
  fleetdash.emptyModal = function (vessel) {
    if (vessel === filledFor) return;
    filledFor = vessel;
    IN_MODAL.forEach(function (region) {
      delete contents[region];
      const element = document.getElementById(region);
      if (element) {
        element.replaceChildren();
        element.shownParts = [];
      }
    });
  };
  fleetdash.fillModal = () => IN_MODAL.forEach(place);

  // --- times: in the viewer's own zone, ages in words

  function span(seconds) {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (minutes < 1) return "under a minute";
    if (hours < 1) return minutes + " min";
    if (days < 1) return hours + " h" + (minutes % 60 ? " " + (minutes % 60) + " min" : "");
    return days + " d" + (hours % 24 ? " " + (hours % 24) + " h" : "");
  }

  // made once: a formatter a time would take longer than all the rest
  const format = (options) => new Intl.DateTimeFormat([], { hourCycle: "h23", ...options }).format;
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

  function paint(element) {
    const text = words(element);
    if (element.textContent !== text) {
      // the text node that React made is kept, so that React can write to it again
      if (element.firstChild) element.firstChild.nodeValue = text;
      else element.textContent = text;
    }
    const moment = new Date(element.dateTime);
    const title = allOf(moment) + " (" + element.dateTime.replace("T", " ").replace("Z", " UTC") + ")";
    if (element.title !== title) element.title = title;
  }

  function paintAll(root) {
    root.querySelectorAll("time[data-kind]").forEach(paint);
  }

  setInterval(() => paintAll(document), 10000);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.fleetdash = Object.assign(window.dash_clientside.fleetdash || {}, { show: show });
})();
