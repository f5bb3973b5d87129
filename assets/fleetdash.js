// The address decides what is shown: links without a reload, filters in the query string, the modal and its tabs.
(function () {
  "use strict";

  const prefix = document.documentElement.dataset.prefix;
  const OF_MODAL = ["tab", "sort", "device", "device_q", "days"];

  // adds a step to the history, or replaces it, and tells dcc.Location
  function navigate(href, { replace = false, state = {} } = {}) {
    if (replace) window.history.replaceState(state, "", href);
    else window.history.pushState(state, "", href);
    // all four: dcc.Location would restore the old value of any that is missing
    const { pathname, search, hash, href: whole } = window.location;
    window.dash_clientside.set_props("url", { pathname, search, hash, href: whole });
    syncFields(document);
  }

  const query = () => new URLSearchParams(window.location.search);

  function withQuery(pathname, parameters) {
    const text = parameters.toString();
    return pathname + (text ? "?" + text : "");
  }

  // data-keep-query: "1" keeps the current query string, other values are the keys to keep
  function target(link) {
    const url = new URL(link.href);
    const keep = link.dataset.keepQuery;
    const kept = keep === "1" ? null : (keep || "").split(" ");
    for (const [key, value] of query()) {
      if ((!kept || kept.includes(key)) && !url.searchParams.has(key)) url.searchParams.set(key, value);
    }
    return withQuery(url.pathname, url.searchParams);
  }

  function follow(link) {
    const toModal = vesselOf(new URL(link.href).pathname) !== null;
    const before = window.location.pathname;
    navigate(target(link), { state: { fromFleet: isFleet(before) && toModal } });
    if (toModal || window.location.pathname === before) return;
    window.scrollTo(0, 0);
    document.getElementById("main").focus({ preventScroll: true });
  }

  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const at = (selector) => event.target.closest(selector);
    if (at("[data-copy]")) return copy(at("[data-copy]"));
    if (at("[data-sort]")) return sortBy(at("[data-sort]"));
    if (at("[data-tab]")) return chooseTab(at("[data-tab]"));
    if (at(".retry")) return window.dash_clientside.set_props("retry", { data: Date.now() });
    // a click on the backdrop closes the modal
    if (at("#vessel-close") || (at(".modal") === event.target && at(".modal").querySelector("#vessel-close"))) {
      event.preventDefault();
      return closeModal();
    }
    const link = at("a[data-nav]");
    if (!link) return;
    event.preventDefault();
    follow(link);
  });

  // --- filters: fields with their key in `data-query`; typing adds no step to the history

  function setQuery(changes) {
    const parameters = query();
    for (const [key, value] of Object.entries(changes)) {
      if (value) parameters.set(key, value);
      else parameters.delete(key);
    }
    navigate(withQuery(window.location.pathname, parameters), { replace: true, state: window.history.state });
  }

  // times are in the viewer's time zone in the field, and in UTC in the address
  function fromField(field) {
    if (field.type === "datetime-local") return field.value && new Date(field.value).toISOString().slice(0, 16) + "Z";
    return field.value === "all" ? "" : field.value.trim();
  }

  function toField(field, value) {
    if (field.type !== "datetime-local" || !value) return value;
    const moment = new Date(value);
    return isNaN(moment) ? "" : new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }

  function syncFields(root) {
    const parameters = query();
    root.querySelectorAll("[data-query]").forEach(function (field) {
      const isSelect = field.tagName === "SELECT";
      // text that is being typed is newer than the address
      if (!isSelect && field === document.activeElement) return;
      const value = toField(field, parameters.get(field.dataset.query) || "");
      field.value = value || (isSelect ? "all" : "");
      if (isSelect && field.selectedIndex < 0) field.value = "all";
    });
  }

  function applyFilter(field) {
    // a changed filter starts on the first page
    if (fromField(field) !== (query().get(field.dataset.query) || "")) {
      setQuery({ [field.dataset.query]: fromField(field), cursor: "" });
    }
  }

  let typing = null;
  document.addEventListener("input", function (event) {
    if (!event.target.dataset.query || event.target.tagName === "SELECT") return;
    clearTimeout(typing);
    typing = setTimeout(applyFilter, 150, event.target);
  });
  document.addEventListener("change", function (event) {
    if (event.target.dataset.query) applyFilter(event.target);
  });
  window.addEventListener("popstate", () => syncFields(document));

  function sortBy(button) {
    const descending = button.closest("th").getAttribute("aria-sort") === "ascending";
    setQuery({ sort: (descending ? "-" : "") + button.dataset.sort });
  }

  // --- the address of each part of the page, in a store that changes only with it

  function vesselOf(pathname) {
    const found = /^vessels\/([^/]+)\/?$/.exec(pathname.slice(prefix.length));
    return found && found[1];
  }

  const isFleet = (pathname) => pathname.length <= prefix.length || vesselOf(pathname) !== null;

  // the part of the query string that filters the cards
  function fleetQuery() {
    const parameters = query();
    [...OF_MODAL, "view"].forEach((key) => parameters.delete(key));
    return withQuery("", parameters);
  }

  let opened = null;
  const MODAL_PARTS = ["vessel-summary", "vessel-devices", "vessel-timeline", "vessel-run-log"];

  // so that the modal never shows another vessel's content
  function emptyModal() {
    const { set_props } = window.dash_clientside;
    set_props("vessel-title", { children: [] });
    MODAL_PARTS.forEach((region) => set_props(region, { parts: [] }));
  }

  function addresses(_pathname, _search, ...before) {
    const { pathname, search } = window.location;
    const onFleet = isFleet(pathname), vessel = vesselOf(pathname);
    const isAnalytics = pathname.slice(prefix.length).replace(/\/$/, "") === "analytics";
    const now = [
      onFleet ? fleetQuery() : null,
      vessel === null ? null : [pathname, ""],
      vessel === null ? null : [pathname, search],
      onFleet ? null : [pathname, search],
    ];
    if (vessel !== null && opened !== null && vessel !== opened) emptyModal();
    opened = vessel ?? opened;
    document.documentElement.dataset.view = onFleet && query().get("view") === "wall" ? "wall" : "cards";
    showTab();
    const isSame = (value, i) => JSON.stringify(value) === JSON.stringify(before[i] ?? null);
    return [
      ...now.map((value, i) => (isSame(value, i) ? window.dash_clientside.no_update : value)),
      !onFleet,
      onFleet || isAnalytics,
      !isAnalytics,
      vessel !== null,
    ];
  }

  // --- the modal: Back after closing must not reopen it

  let closing = false;
  window.addEventListener("popstate", () => (closing = false));

  function closeModal() {
    const link = document.getElementById("vessel-close");
    if (!link || closing) return;
    if ((window.history.state || {}).fromFleet) {
      closing = true;
      window.history.back();
      return;
    }
    const parameters = query();
    OF_MODAL.forEach((key) => parameters.delete(key));
    navigate(withQuery(new URL(link.href).pathname, parameters), { replace: true });
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") closeModal();
    const tab = event.target.closest && event.target.closest("[role=tab]");
    if (tab) moveAlong(event, tab);
  });

  // the card that had the focus before the modal opened, and gets it back
  let opener = null;
  document.addEventListener("focusin", function (event) {
    const card = event.target.closest(".vessel-card");
    if (card) opener = card.dataset.vesselId;
  });

  let wasOpen = false;
  new MutationObserver(function (changes) {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) syncFields(node);
    }
    const open = document.querySelector("#vessel-close") !== null;
    if (open && !wasOpen) showTab();
    if (wasOpen && !open && opener) {
      const card = document.querySelector('.vessel-card[data-vessel-id="' + CSS.escape(opener) + '"]');
      if (card) card.focus({ preventScroll: true });
    }
    wasOpen = open;
  }).observe(document, { subtree: true, childList: true });

  // --- its tabs: arrow keys move between them, as in the ARIA pattern

  function chooseTab(tab) {
    setQuery({ tab: tab.dataset.tab === "devices" ? "" : tab.dataset.tab });
  }

  function showTab() {
    const tabs = Array.from(document.querySelectorAll("#vessel-tabs [role=tab]"));
    const wanted = query().get("tab");
    const chosen = tabs.find((tab) => tab.dataset.tab === wanted) || tabs[0];
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    if (!chosen) return;
    document.getElementById("vessel-panel").setAttribute("aria-labelledby", chosen.id);
    document.querySelectorAll("#vessel-panel > [data-tabs]").forEach(function (section) {
      section.hidden = !section.dataset.tabs.split(" ").includes(chosen.dataset.tab);
    });
  }

  function moveAlong(event, tab) {
    const tabs = Array.from(tab.parentElement.children), last = tabs.length - 1, at = tabs.indexOf(tab);
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at ? at - 1 : last, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    tabs[to].focus();
    chooseTab(tabs[to]);
  }

  // --- copying an address

  function copy(button) {
    const text = button.dataset.copy;
    const done = () => {
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
    };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(done);
      return;
    }
    // navigator.clipboard exists on secure pages only
    const box = document.createElement("textarea");
    box.value = text;
    button.parentElement.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
    done();
  }

  window.fleetdash = Object.assign(window.fleetdash || {}, { navigate: navigate });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.fleetdash = Object.assign(window.dash_clientside.fleetdash || {}, { addresses: addresses });
})();
