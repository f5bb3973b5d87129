// What the browser does by itself: links without a reload, ages that tick, the theme, and whether the server answers.
(function () {
  "use strict";

  // --- the address: dcc.Location listens for this event, as dcc.Link sends it

  function navigate(href, replace) {
    if (replace) window.history.replaceState({}, "", href);
    else window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  // "1" keeps the whole query string of the page that the link stands on, another value only that key
  function target(link) {
    const url = new URL(link.href);
    const keep = link.dataset.keepQuery;
    if (keep) {
      for (const [key, value] of new URLSearchParams(window.location.search)) {
        if ((keep === "1" || keep === key) && !url.searchParams.has(key)) url.searchParams.set(key, value);
      }
    }
    return url.pathname + url.search;
  }

  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const copy = event.target.closest("[data-copy]");
    if (copy) return copyText(copy);
    const sort = event.target.closest("[data-sort]");
    if (sort) {
      const descending = sort.closest("th").getAttribute("aria-sort") === "ascending";
      window.dash_clientside.set_props("device-sort", { data: { column: sort.dataset.sort, descending: descending } });
      return;
    }
    if (event.target.closest(".retry")) {
      window.dash_clientside.set_props("retry", { data: Date.now() });
      return;
    }
    const link = event.target.closest("a[data-nav]");
    if (link) {
      event.preventDefault();
      navigate(target(link));
      return;
    }
    // the backdrop: a click beside the modal closes it
    if (event.target.classList.contains("modal") && event.target.querySelector("#vessel-close")) closeModal();
  });

  function closeModal() {
    const link = document.getElementById("vessel-close");
    if (link) link.click();
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") closeModal();
  });

  // where the focus was before the modal, so that it can go back there
  let opener = null;
  document.addEventListener("focusin", function (event) {
    const card = event.target.closest(".vessel-card");
    if (card) opener = card.dataset.vesselId;
  });

  // --- filters stand in the query string; typing adds no step to the history

  function setQuery(changes) {
    const query = new URLSearchParams(window.location.search);
    for (const [key, value] of Object.entries(changes)) {
      if (value) query.set(key, value);
      else query.delete(key);
    }
    const text = query.toString();
    navigate(window.location.pathname + (text ? "?" + text : ""), true);
  }

  let typing = null;
  document.addEventListener("input", function (event) {
    if (event.target.id !== "fleet-search") return;
    clearTimeout(typing);
    typing = setTimeout(() => setQuery({ q: event.target.value }), 150);
  });

  document.addEventListener("change", function (event) {
    const chosen = event.target.value === "all" ? "" : event.target.value;
    if (event.target.id === "fleet-filter-status") setQuery({ status: chosen });
    if (event.target.id === "run-filter-status") setQuery({ status: chosen, cursor: "" });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    fleetdash: {
      show: function (parts, storeId) { show(parts, storeId); },
      modalIsOpen: modalIsOpen,
      filtersFromAddress: function (search) {
        const query = new URLSearchParams(search || "");
        const box = document.getElementById("fleet-search");
        // what is being typed just now is newer than the address
        const text = box && box === document.activeElement ? box.value : query.get("q") || "";
        return [text, (!window.location.pathname.includes("/runs") && query.get("status")) || "all"];
      },
    },
  });

  // --- times: in the viewer's own zone, ages in words

  function span(seconds) {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (minutes < 1) return "under a minute";
    if (hours < 1) return minutes + " min";
    if (days < 1) return hours + " h" + (minutes % 60 ? " " + (minutes % 60) + " min" : "");
    return days + " d" + (hours % 24 ? " " + (hours % 24) + " h" : "");
  }

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
      default: {
        const day = { day: "numeric", month: "short" };
        const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
        return moment.toLocaleDateString([], day) + ", " + moment.toLocaleTimeString([], time);
      }
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
    const title = moment.toLocaleString() + " (" + element.dateTime.replace("T", " ").replace("Z", " UTC") + ")";
    if (element.title !== title) element.title = title;
  }

  function paintAll(root) {
    root.querySelectorAll("time[data-kind]").forEach(paint);
  }

  setInterval(() => paintAll(document), 10000);

  // --- regions: HTML that the server made, an element a part; what did not change stays as it is

  const contents = {};
  const inModal = ["vessel-title", "vessel-summary", "vessel-devices", "vessel-run-log"];

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
    const shown = element.shownParts || [];
    if (shown.length === parts.length && shown.every((part, i) => part === parts[i])) return;
    const focused = element.contains(document.activeElement) ? keyOf(document.activeElement) : null;
    const scrolled = Array.from(element.querySelectorAll(".table-scroll"), (table) => table.scrollLeft);
    while (element.children.length > parts.length) element.lastElementChild.remove();
    parts.forEach(function (part, i) {
      const old = element.children[i];
      if (old && part === shown[i]) return;
      const made = document.createElement("template");
      made.innerHTML = part;
      if (old) old.replaceWith(made.content.firstElementChild);
      else element.append(made.content.firstElementChild);
    });
    element.shownParts = parts;
    paintAll(element);
    element.querySelectorAll(".table-scroll").forEach((table, i) => (table.scrollLeft = scrolled[i] || 0));
    if (focused && !element.contains(document.activeElement)) {
      const again = element.querySelector(focused);
      if (again) again.focus({ preventScroll: true });
    }
  }

  // how to find an element again after its part was replaced
  function keyOf(element) {
    if (element.id) return "#" + CSS.escape(element.id);
    for (const name of ["data-vessel-id", "data-copy", "data-filter", "href", "aria-label"]) {
      if (element.hasAttribute(name)) return "[" + name + "=" + JSON.stringify(element.getAttribute(name)) + "]";
    }
    return null;
  }

  // --- the modal: its regions are there only while it is open, and focus goes back to the card that opened it

  let modalOf = null;
  function modalIsOpen(pathname) {
    const found = /\/vessels\/([^/]+)/.exec(pathname || "");
    if (found && found[1] !== modalOf) {
      inModal.forEach(function (region) {
        delete contents[region];
        const element = document.getElementById(region);
        if (element) { element.replaceChildren(); element.shownParts = []; }
      });
      modalOf = found[1];
    }
    return found !== null;
  }

  let wasOpen = false;
  new MutationObserver(function () {
    const open = document.querySelector("#vessel-close") !== null;
    if (open && !wasOpen) inModal.forEach(place);
    if (wasOpen && !open && opener) {
      const card = document.querySelector('.vessel-card[data-vessel-id="' + CSS.escape(opener) + '"]');
      if (card) card.focus({ preventScroll: true });
    }
    wasOpen = open;
  }).observe(document, { subtree: true, childList: true });

  // --- whether the server answers

  const PATIENCE_MS = 4500; // with the wait for the poll under two intervals: a server may neither answer nor refuse
  const ask = window.fetch;
  window.fetch = function (input, options) {
    const answer = ask.apply(this, arguments);
    if (!String(input.url || input).includes("_dash-update-component")) return answer;
    const isPoll = options && String(options.body).includes('"changedPropIds":["refresh-interval.n_intervals"]');
    const impatient = isPoll ? setTimeout(() => lost(true), PATIENCE_MS) : null;
    // one poll at a time: Dash throws an answer away when the same was asked again meanwhile
    if (isPoll) pausePolling(true);
    const ended = function (isLost) {
      clearTimeout(impatient);
      lost(isLost);
      if (isPoll) pausePolling(false);
    };
    // logged out meanwhile: the server leads to the login page, and back here afterwards
    answer.then((reply) => reply.status === 401 && window.location.reload(), () => {});
    answer.then((reply) => ended(reply.status >= 502 && reply.status <= 504), () => ended(true));
    return answer;
  };

  function pausePolling(underWay) {
    window.dash_clientside.set_props("refresh-interval", { disabled: underWay || document.hidden });
  }

  function lost(isLost) {
    const notice = document.getElementById("connection-lost");
    if (notice) notice.hidden = !isLost;
  }

  // a hidden tab does not poll
  document.addEventListener("visibilitychange", function () {
    window.dash_clientside.set_props("refresh-interval", { disabled: document.hidden });
  });

  // --- copying an address

  function copyText(button) {
    const text = button.dataset.copy;
    const said = () => {
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
    };
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(said);
    else {
      // the clipboard proper is for secure pages only
      const box = document.createElement("textarea");
      box.value = text;
      button.parentElement.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
      button.focus();
      said();
    }
  }

  // --- light and dark: the system's, unless the viewer chose

  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function theme() {
    const chosen = window.localStorage.getItem("fleetdash-theme");
    document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
  }
  theme();
  system.addEventListener("change", theme);
  document.addEventListener("click", function (event) {
    if (!event.target.closest("#theme-switch")) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    window.localStorage.setItem("fleetdash-theme", next);
    theme();
  });
})();
