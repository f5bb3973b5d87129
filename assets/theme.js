// Sets the light or dark theme before the first paint.
(function () {
  "use strict";

  // the system's theme, unless the viewer has chosen one
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
