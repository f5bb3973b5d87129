// Regions: HTML that the server made, an element a part; what did not change stays as it is.
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
    if (!element || !parts) return;
    // of what the document brought along, the text is not known
    const shown = element.shownParts || Array.from(element.children, () => null);
    if (shown.length === parts.length && shown.every((part, i) => part === parts[i])) return;
    const focused = element.contains(document.activeElement) ? keyOf(document.activeElement) : null;
    const scrolled = Array.from(element.querySelectorAll(".table-scroll"), (table) => table.scrollLeft);
    if (!shown.length) element.innerHTML = parts.join("");
    while (element.children.length > parts.length) element.lastElementChild.remove();
    fleetdash.paintTimes(element);
    parts.forEach(function (part, i) {
      const old = element.children[i];
      if (old && (!shown.length || part === shown[i])) return;
      const template = document.createElement("template");
      template.innerHTML = part;
      const made = template.content.firstElementChild;
      fleetdash.paintTimes(template.content);
      if (!old) element.append(made);
      else if (!old.isEqualNode(made)) old.replaceWith(made);
    });
    element.shownParts = parts;
    fleetdash.syncFields(element);
    element.querySelectorAll(".table-scroll").forEach((table, i) => (table.scrollLeft = scrolled[i] || 0));
    if (focused && !element.contains(document.activeElement)) {
      const again = element.querySelector(focused);
      if (again) again.focus({ preventScroll: true });
    }
  }

  // what the document brought along is handed over as soon as Dash has made the places for it, before these are painted
  function takeOver() {
    const first = document.getElementById("first-view"), fleet = document.getElementById("fleet-page");
    const regions = Array.from(first.querySelectorAll("[data-region]"));
    const live = (region) => document.getElementById(region.dataset.first);
    if (!fleet || !regions.every(live)) return false;
    const focused = first.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && keyOf(focused);
    regions.forEach((region) => live(region).append(...region.childNodes));
    fleet.append(document.getElementById("fleet"));
    fleet.hidden = first.querySelector("[data-first=fleet-page]").hidden;
    first.remove();
    const heir = focused && (focused.isConnected ? focused : document.querySelector(again));
    if (heir) heir.focus({ preventScroll: true });
    // their tooltips were not worth a wait
    setTimeout(fleetdash.paintTimes, 0, document);
    return true;
  }
  new MutationObserver(function (_changes, observer) {
    if (takeOver()) observer.disconnect();
  }).observe(document.getElementById("react-entry-point"), { subtree: true, childList: true });

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

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.fleetdash = Object.assign(window.dash_clientside.fleetdash || {}, { show: show });
})();
