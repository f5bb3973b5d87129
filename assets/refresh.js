// Polls the data's version, and notices when the server does not answer.
(function () {
  "use strict";

  const TIMEOUT_MS = 4500; // poll and time-out together take less than two intervals, also if the server neither answers nor refuses

  // one request at a time; Dash uses only the newest call's result, so all calls share it
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
      const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      // logged out meanwhile: the server redirects to the login page, and back afterwards
      if (answer.status === 401) window.location.reload();
      if (answer.ok) return { version: (await answer.json()).version, isAway: false, isLost: false };
      // a proxy also answers 503 when the server is down, but not with a problem document
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
