// Writes times in the viewer's time zone, and ages in words.
(function () {
  "use strict";

  function span(seconds) {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (minutes < 1) return "< 1 min";
    if (hours < 1) return minutes + " min";
    if (days < 1) return hours + " h" + (minutes % 60 ? " " + (minutes % 60) + " min" : "");
    return days + " d" + (hours % 24 ? " " + (hours % 24) + " h" : "");
  }

  // created once, when first needed: creating a formatter is slow
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
      case "minute":
        return dayOf(moment) + ", " + minuteOf(moment);
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
    // keeps React's text node, so that React can write to it again
    if (element.textContent !== text) element.firstChild.nodeValue = text;
  }

  const TIMES = "time[data-kind]";
  const paintAll = (root) => root.querySelectorAll(TIMES).forEach(paint);

  // an observer runs before the next frame, so the server's text is never seen
  new MutationObserver(function (changes, observer) {
    for (const { target, addedNodes } of changes) {
      if (target.nodeType === Node.TEXT_NODE && target.parentElement?.matches(TIMES)) paint(target.parentElement);
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches(TIMES)) paint(node);
        else paintAll(node);
      }
    }
    observer.takeRecords(); // ignore the changes made above
  }).observe(document, { subtree: true, childList: true, characterData: true });

  // the tooltip is written on demand; the server's is in UTC
  document.addEventListener("mouseover", function (event) {
    const element = event.target.closest(TIMES);
    if (!element) return;
    element.title = allOf(new Date(element.dateTime)) + " (" + element.dateTime.replace("T", " ").replace("Z", " UTC") + ")";
  });

  setInterval(() => paintAll(document), 10000);
})();
