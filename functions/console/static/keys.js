// Keys of the console: only outside fields, never with Ctrl, Alt or Meta, and off where the person has switched them off.
(() => {
  "use strict";
  const OFF = "comanda-keys-off";
  let off = localStorage.getItem(OFF) === "1" || "keysOff" in document.body.dataset;
  let going = 0; // until when a letter after g opens a page

  // htmx may put a new body in place, so nothing of it is remembered here.
  function ready() {
    const box = document.getElementById("keys-on"), opener = document.querySelector("[data-dialog=keys]");
    if (box) box.checked = !off;
    if (opener) opener.hidden = false;
  }
  addEventListener("change", (event) => {
    if (event.target.id !== "keys-on") return;
    off = !event.target.checked;
    if (off) localStorage.setItem(OFF, "1"); else localStorage.removeItem(OFF);
  });
  addEventListener("htmx:after:swap", ready);
  ready();

  const seen = (element) => element.getClientRects().length > 0 && !element.disabled;
  const press = (selector) => {
    const element = [...document.querySelectorAll(selector)].find(seen);
    if (!element) return false;
    if (element.matches("input, select, textarea")) { element.focus(); element.select?.(); } else element.click();
    return true;
  };
  const rows = () => [...document.querySelectorAll("tr[data-row]")].filter(seen);
  const current = () => document.querySelector("tr[data-row][aria-current]");
  function move(step) {
    const list = rows();
    if (!list.length) return false;
    const at = list.indexOf(current());
    const row = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + step))];
    for (const other of list) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    (row.querySelector("a[href]") || row.querySelector("button, input"))?.focus({ preventScroll: true });
    return true;
  }
  function mark() {
    const tick = (current() || document.activeElement.closest?.("tr[data-row]"))?.querySelector("input[type=checkbox]");
    tick?.click();
    return Boolean(tick);
  }
  function open() {
    const here = document.activeElement, mark = here.closest?.("tr[data-row] .marks")?.parentElement;
    const link = mark || !here.matches("a, button, summary, input") ? (mark || current())?.querySelector("a[href]") : null;
    link?.click();
    return Boolean(link);
  }
  // The time of a key is that at which it was pressed: a busy page hears of it later.
  function act(key, time) {
    if (going > time) { going = 0; return press(`[data-go="${CSS.escape(key)}"]`) || goTo(key); }
    switch (key) {
      case "g": going = time + 1500; return true;
      case "j": return move(1);
      case "k": return move(-1);
      case "x": return mark();
      case "Enter": return open();
      default: return /^[a-z/?]$/.test(key) && press(`[data-key="${CSS.escape(key)}"]`);
    }
  }
  // The menu of a small screen is closed, so its links cannot be seen.
  function goTo(key) {
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    link?.click();
    return Boolean(link);
  }

  addEventListener("keydown", (event) => {
    const mark = event.target.closest?.("tr[data-row] .marks"); // live.js keeps its Enter from the form
    if (off || event.defaultPrevented && !mark || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat && !/^[jk]$/.test(event.key)) return;
    const target = event.target;
    const typing = target.isContentEditable || target.matches?.("select, textarea, input:not([type=checkbox], [type=radio])");
    if (typing || document.querySelector("dialog[open]")) return;
    if (act(event.key, event.comandaTime ?? event.timeStamp)) event.preventDefault();
  });
})();
