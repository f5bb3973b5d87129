// What the page notices around it: whether the server answers, whether it is seen, the clipboard.
(function () {
  "use strict";

  const fleetdash = (window.fleetdash = window.fleetdash || {});

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
  document.addEventListener("visibilitychange", () => pausePolling(false));

  // --- copying an address

  fleetdash.copy = function (button) {
    const text = button.dataset.copy;
    const said = () => {
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
    };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(said);
      return;
    }
    // the clipboard proper is for secure pages only
    const box = document.createElement("textarea");
    box.value = text;
    button.parentElement.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
    said();
  };
})();
