// Scans: a burst of keys from a wedge scanner is one code, wherever the focus is. Codes are kept in this tab and sent in order.
(() => {
  "use strict";
  const GAP = 50; // milliseconds at most between two keys of a scanner
  const FEWEST = 4; // keys of a scan: whoever types as fast types fewer
  const MOST = 200; // codes that wait in the tab
  const PATIENCE = 10000; // milliseconds until a code is sent again
  const AGAIN = 2000;
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // of a ULID
  const SEPARATOR = "\x1d"; // GS1

  const form = () => document.querySelector("form[data-scan]");
  const name = () => `scans:${document.body.dataset.person || ""}`;
  const waiting = () => { try { return JSON.parse(sessionStorage.getItem(name())) || []; } catch { return []; } };
  function keep(codes) {
    sessionStorage.setItem(name(), JSON.stringify(codes));
    show();
  }
  const here = (entry) => entry.page === location.pathname;
  const mine = (entry) => !entry.fresh || here(entry); // a fresh code waits for its page
  const leaves = (entry) => entry.fresh && form()?.matches("[data-sending]"); // the next page has other fields
  function show() {
    const count = waiting().filter(mine).length;
    for (const box of document.querySelectorAll("[data-unsent]")) {
      box.hidden = !count;
      box.querySelector("[data-count]").textContent = count;
    }
  }
  // A key ends with the mark of its person.
  const newKey = (target) => [...crypto.getRandomValues(new Uint8Array(26))].map((byte) => ALPHABET[byte % 32]).join("").slice(0, -8) + target.elements.key.value.slice(-8);

  // Each code has a key of its own, so a code that is sent again counts once. It goes to the form of the page it was scanned on.
  function take(code) {
    const target = form(), codes = waiting();
    if (!target || codes.length >= MOST) { feel(false); return; }
    codes.push({ page: location.pathname, action: target.action, fresh: target.dataset.scan === "fresh", fields: fieldsOf(target), key: newKey(target), code });
    keep(codes);
    send();
  }
  const buttonOf = (target) => target.querySelector("button[name=do]");
  const fieldsOf = (target) => [...new FormData(target, buttonOf(target))].filter(([field]) => field !== "key" && field !== "code");

  let sending = false, again;
  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let first; (first = waiting().find(mine));) {
        if (leaves(first)) return;
        if (first.fresh && !form()) { drop(first); feel(false); continue; } // the page says why it takes no scans
        const answer = await ask(first);
        if (!answer) { clearTimeout(again); again = setTimeout(send, AGAIN); return; }
        if (answer.status === 401) { // the codes wait for the same person
          for (const words of document.querySelectorAll("[data-away]")) words.hidden = false;
          feel(false);
          return;
        }
        if (leaves(first)) return;
        drop(first);
        if (!here(first)) continue;
        if (answer.page) { location.assign(answer.page); return; }
        arrive(answer.text);
      }
    } finally {
      sending = false;
    }
  }
  const drop = (entry) => keep(waiting().filter((other) => other.key !== entry.key));
  // Without an answer, or after too many requests or a fault, the same code is sent again.
  async function ask(entry) {
    try {
      const answer = await fetch(entry.action, {
        method: "POST",
        body: new URLSearchParams([...(entry.fresh ? fieldsOf(form()) : entry.fields), ["key", entry.key], ["code", entry.code]]),
        headers: { "HX-Request": "true", "HX-Current-URL": location.href },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status >= 500 || answer.status === 429) return null;
      return { status: answer.status, text: await answer.text(), page: answer.redirected ? answer.url : "" };
    } catch {
      return null;
    }
  }
  function arrive(text) {
    const main = document.getElementById("main");
    main.innerHTML = text;
    window.htmx?.process(main);
    document.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true }));
    show();
    const answer = main.querySelector("[data-scan-answer]");
    feel(answer?.dataset.scanAnswer !== "no");
  }

  // The answer is a text on the page; the tone and the vibration only say whether to look.
  let sound;
  function feel(good) {
    navigator.vibrate?.(good ? 40 : [120, 60, 120]);
    try {
      sound ||= new AudioContext();
      const tone = sound.createOscillator(), level = sound.createGain();
      level.gain.value = 0.1;
      tone.frequency.value = good ? 1320 : 220;
      tone.connect(level).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + (good ? 0.06 : 0.3));
    } catch { /* a device without sound */ }
  }

  // A scanner types much faster than a person and ends with Enter or Tab. The field below it gets back its text.
  // The time of a key is that at which it was pressed: a busy page hears of it later.
  let burst = [], last = 0, before, held, pressAgain;
  const editable = (element) => element?.matches?.("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea");
  function character(event) {
    if (event.ctrlKey && (event.key === "]" || event.code === "BracketRight")) return SEPARATOR;
    return event.key.length === 1 && !event.ctrlKey && !event.metaKey ? event.key : "";
  }
  addEventListener("keydown", (event) => {
    if (event.comandaAgain || event.isComposing) return;
    const now = event.timeStamp, quick = now - last <= GAP;
    if ((event.key === "Enter" || event.key === "Tab") && quick && burst.length >= FEWEST) {
      event.preventDefault();
      event.stopImmediatePropagation();
      clearTimeout(held);
      const code = burst.join("");
      burst = [];
      last = 0;
      if (window.comandaFill?.(before?.field)) return;
      if (before) { before.field.value = before.value; before.field.dispatchEvent(new Event("input", { bubbles: true })); }
      take(code);
      return;
    }
    const typed = character(event);
    if (!typed) return;
    if (!quick) {
      pressHeld(); // no scan came of the key before it
      burst = [];
      before = editable(event.target) ? { field: event.target, value: event.target.value } : null;
    }
    burst.push(typed);
    last = now;
    if (typed === SEPARATOR) event.preventDefault();
    if (!editable(event.target)) holdBack(event);
  }, true);
  // A single key outside of fields may be a shortcut or the beginning of a scan: which of both shows a moment later.
  function holdBack(event) {
    event.stopImmediatePropagation();
    event.preventDefault();
    clearTimeout(held);
    const { key, code, target, timeStamp } = event;
    pressAgain = () => {
      const again = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
      again.comandaAgain = true;
      again.comandaTime = timeStamp;
      target.dispatchEvent(again);
    };
    held = setTimeout(pressHeld, GAP + 10);
  }
  function pressHeld() {
    const press = pressAgain;
    clearTimeout(held);
    pressAgain = null;
    if (burst.length === 1) press?.();
  }

  // A typed code is sent like a scan.
  addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-scan]") || (event.submitter && event.submitter.value !== buttonOf(event.target).value)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const field = event.target.elements.code, code = field.value.trim();
    field.value = "";
    if (code) take(code);
  }, true);
  addEventListener("beforeunload", (event) => { if (waiting().some(mine)) event.preventDefault(); });
  addEventListener("online", send);
  addEventListener("focus", send);
  show();
  addEventListener("DOMContentLoaded", send); // after pick.js
})();
