// Whether anything has changed, and whether the server answers.
(function () {
  "use strict";

  const PATIENCE_MS = 4500; // with the wait for the poll under two intervals: a server may neither answer nor refuse

  // one at a time: whoever asks meanwhile is given the same answer, for Dash uses only the newest call's
  let asked = null;
  function poll(_ticks, known, wasAway) {
    asked ||= ask().finally(() => (asked = null));
    return asked.then(function ({ version, isAway, isLost }) {
      const changed = (value, before) => (value === undefined || value === before ? window.dash_clientside.no_update : value);
      return [changed(version, known), changed(isAway, wasAway), !isLost];
    });
  }

  async function ask() {
    try {
      const url = document.documentElement.dataset.prefix + "api/version";
      const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
      // logged out meanwhile: the server leads to the login page, and back here afterwards
      if (answer.status === 401) window.location.reload();
      if (answer.ok) return { version: (await answer.json()).version, isAway: false, isLost: false };
      // a proxy says so too when the server does not answer, but not as a problem of ours
      const isOurs = (answer.headers.get("content-type") || "").includes("problem+json");
      return { isAway: isOurs && answer.status === 503 ? true : undefined, isLost: !isOurs };
    } catch {
      return { isLost: true };
    }
  }

  // a hidden tab does not poll
  document.addEventListener("visibilitychange", function () {
    window.dash_clientside.set_props("refresh-interval", { disabled: document.hidden });
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.fleetdash = Object.assign(window.dash_clientside.fleetdash || {}, { poll: poll });
})();
