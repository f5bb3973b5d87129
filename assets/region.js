// The component of fleetdash/web/region.py: markup that the server has escaped, one element per part.
(function () {
  "use strict";

  const { createElement, useLayoutEffect, useRef } = window.React;

  function fromMarkup(part) {
    const template = document.createElement("template");
    template.innerHTML = part;
    return template.content.firstElementChild;
  }

  // a selector that finds the element again after its part was replaced
  function keyOf(element) {
    if (element.id) return "#" + CSS.escape(element.id);
    const name = ["data-vessel-id", "data-copy", "data-filter", "href", "aria-label"].find((each) => element.hasAttribute(each));
    return name && "[" + name + "=" + JSON.stringify(element.getAttribute(name)) + "]";
  }

  function place(root, shown, parts) {
    const focused = root.contains(document.activeElement) && document.activeElement;
    const scrolled = Array.from(root.querySelectorAll(".table-scroll"), (table) => table.scrollLeft);
    if (!shown.length) root.innerHTML = parts.join("");
    else parts.forEach(function (part, i) {
      if (i >= shown.length) root.append(fromMarkup(part));
      else if (part !== shown[i]) root.children[i].replaceWith(fromMarkup(part));
    });
    while (root.children.length > parts.length) root.lastElementChild.remove();
    root.querySelectorAll(".table-scroll").forEach((table, i) => (table.scrollLeft = scrolled[i] || 0));
    const replacement = focused && !focused.isConnected && keyOf(focused) && root.querySelector(keyOf(focused));
    if (replacement) replacement.focus({ preventScroll: true });
  }

  function Region({ id, parts }) {
    const root = useRef(null), shown = useRef([]);
    useLayoutEffect(function () {
      place(root.current, shown.current, parts);
      shown.current = parts;
    }, [parts]);
    return createElement("div", { id: id, className: "region", ref: root });
  }

  window.fleetdash = Object.assign(window.fleetdash || {}, { Region: Region });
})();
