// Keep a page true while it is open: countdowns, polling, text that was not sent, forms that are sent once, dialogs.
(() => {
  "use strict";
  const all = (selector, root = document) => root.querySelectorAll(selector);
  const KEEP = "keep:", SCANS = "scans:", LAST = "last";
  const MOST_KEPT = 20000; // characters of one form
  const store = {
    get(key) { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* the tab has no room: nothing is offered later */ } },
    // Codes that were scanned and not sent stay for their person: nothing that was counted may be lost.
    forget() { for (const key of Object.keys(sessionStorage)) if (!key.startsWith(SCANS)) sessionStorage.removeItem(key); },
    drop(keep) { for (const key of Object.keys(sessionStorage)) if (key.startsWith(KEEP) && !keep(store.get(key))) sessionStorage.removeItem(key); },
  };

  // Countdowns: minutes and seconds until a moment.
  function count() {
    for (const element of all("[data-countdown]")) {
      const left = Math.floor((Date.parse(element.dataset.countdown) - Date.now()) / 1000);
      const field = element.querySelector("[data-left]");
      if (!field) continue;
      const two = (n) => String(n).padStart(2, "0");
      const hours = Math.floor(left / 3600), minutes = Math.floor(left / 60) % 60, seconds = left % 60;
      const text = left <= 0 ? field.dataset.over : hours >= 48 ? "" : hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
      if (field.textContent !== text) field.textContent = text;
      if (left <= 0) element.dataset.tone = "bad";
      else if (left < 300) element.dataset.tone = "warn";
    }
  }

  // Polling: an element with data-poll (seconds) asks htmx again, but not in a hidden tab, nor while a person works in what it replaces.
  const WORK = "[data-touched], [data-sending], dialog[open], :focus:not(h1), input[name=chosen]:checked";
  const due = new WeakMap();
  function poll() {
    if (document.hidden || !navigator.onLine || !window.htmx) return;
    for (const element of all("[data-poll]")) {
      const now = Date.now();
      if (!due.has(element)) due.set(element, now + element.dataset.poll * 1000);
      const place = document.querySelector(element.getAttribute("hx-target")) || element;
      if (due.get(element) > now || place.querySelector(WORK)) continue;
      due.set(element, now + element.dataset.poll * 1000);
      window.htmx.trigger(element, "poll");
    }
  }

  // Text that was not sent: kept in this tab for the same person and page, offered again, erased when sent or signed out.
  const person = () => document.body.dataset.person || "";
  // A form is the same one when it does the same to the same thing: others may stand before it by now.
  const does = (form) => [...form.elements].filter((field) => field.value && (field.type === "submit" || field.type === "hidden" && !["key", "version"].includes(field.name))).map((field) => field.value).join("&");
  const nameOf = (form) => `${KEEP}${location.pathname}#${form.id || does(form) || [...all("form[data-keep]")].indexOf(form)}`;
  const fields = (form) => [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));
  const values = (form) => fields(form).map((field) => [field.name, ["checkbox", "radio"].includes(field.type) ? field.value : "", ["checkbox", "radio"].includes(field.type) ? field.checked : field.value]);

  function keep(form, sent = false) {
    const typed = values(form);
    if (JSON.stringify(typed).length <= MOST_KEPT) store.set(nameOf(form), { person: person(), typed, sent: sent && (form.elements.key?.value || "sent") });
  }
  // What was sent without an answer goes with its own key again, so that it is done once. Whatever is typed then is another request.
  function restore(form, { typed, sent }) {
    for (const field of fields(form)) {
      const toggle = ["checkbox", "radio"].includes(field.type);
      const kept = typed.find(([name, value]) => name === field.name && (!toggle || value === field.value));
      if (kept && toggle) field.checked = kept[2];
      else if (kept) field.value = kept[2];
    }
    const key = form.elements.key;
    if (sent && key) { form.dataset.ownKey ||= key.value; key.value = sent; }
    form.dataset.touched = "";
  }
  function offer(form) {
    const kept = store.get(nameOf(form));
    const words = document.getElementById("offer");
    if (!kept || !words || JSON.stringify(kept.typed) === JSON.stringify(values(form))) return;
    const box = words.content.firstElementChild.cloneNode(true);
    for (const text of box.querySelectorAll("[data-was]")) text.hidden = (text.dataset.was === "sent") !== Boolean(kept.sent);
    box.querySelector("[data-restore]").addEventListener("click", () => { restore(form, kept); box.remove(); fields(form)[0]?.focus(); });
    box.querySelector("[data-drop]").addEventListener("click", () => { sessionStorage.removeItem(nameOf(form)); box.remove(); });
    form.prepend(box);
  }

  // A page that refuses answers the form that was sent from it last: nobody needs to wonder whether it was done.
  function refused() {
    const name = store.get(LAST), kept = name?.startsWith(`${KEEP}${location.pathname}#`) && store.get(name);
    if (!kept?.sent || !document.querySelector("main .problem[data-focus]")) return;
    const form = [...all("form[data-keep]")].find((one) => nameOf(one) === name);
    if (form) keep(form); else store.set(name, { ...kept, sent: false });
  }

  // Say something at the top of the page that only a script knows, in the words of a template.
  window.comandaSay = (id) => {
    const words = document.getElementById(id).content.firstElementChild.cloneNode(true);
    document.querySelector("[data-said]")?.remove();
    words.dataset.said = id;
    document.querySelector("main .page-head").after(words);
    words.scrollIntoView({ block: "nearest" });
    document.getElementById("status").textContent = words.textContent.trim();
  };

  // A new part of the page: offer kept text, and move the focus to where reading begins.
  function arrive(root) {
    const done = document.querySelector("[data-done]")?.textContent.trim() || "";
    const status = document.getElementById("status");
    if (status && done && status.textContent !== done) setTimeout(() => { status.textContent = done; }, 100); // announced, because the region was there before
    if (document.querySelector("main [data-forget]")) store.forget(); // the page says that the person is signed out
    if (done) store.drop((kept) => kept && !kept.sent);
    refused();
    for (const form of all("form[data-keep]", root)) if (!form.querySelector(".offer")) offer(form);
    document.querySelector("[data-focus]")?.focus();
    for (const button of all("[data-print]")) button.hidden = false;
    marked();
    count();
  }
  function marked() {
    const chosen = all("input[name=chosen]:checked").length;
    for (const field of all("[data-marked]")) { field.textContent = chosen; field.hidden = !chosen; }
    for (const button of all("[data-mark-all]")) { button.hidden = false; button.setAttribute("aria-pressed", !ticks(button).some((one) => !one.checked)); }
  }
  // The marks of a button's form, as many as the form takes at once.
  const ticks = (button) => [...all("input[name=chosen]")].filter((one) => one.form === button.form).slice(0, button.dataset.markAll);
  // Mark all rows that are shown, or none if all are marked.
  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-mark-all]");
    if (!button) return;
    const marks = ticks(button), none = marks.every((one) => one.checked);
    for (const one of marks) one.checked = !none;
    marked();
  });

  addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-keep]")) {
      if (form.dataset.ownKey) { form.elements.key.value = form.dataset.ownKey; delete form.dataset.ownKey; }
      form.dataset.touched = "";
      keep(form);
    }
    if (event.target.name === "chosen") marked();
  });
  // Enter in a form of several buttons presses the one that the field names: the browser would press the first one.
  addEventListener("keydown", (event) => {
    const field = event.target, value = field.dataset?.enter;
    if (event.key !== "Enter" || event.isComposing || field.type === "submit" || !value && !field.form?.matches("[data-bulk]")) return;
    event.preventDefault();
    if (value) [...field.form.elements].find((one) => one.type === "submit" && one.value === value)?.click();
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if ("sending" in form.dataset) { event.preventDefault(); return; }
    if (!navigator.onLine) { event.preventDefault(); window.comandaSay("no-network"); return; }
    form.dataset.sending = "";
    if (form.matches("[data-forget]")) store.forget();
    if (form.matches("[data-keep]")) { keep(form, true); store.set(LAST, nameOf(form)); }
    event.submitter?.setAttribute("aria-busy", "true");
  });
  function free() {
    for (const form of all("form[data-sending]")) delete form.dataset.sending;
    for (const button of all("button[aria-busy]")) button.removeAttribute("aria-busy");
  }
  addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) { window.print(); return; }
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) { event.preventDefault(); if (!dialog.open) dialog.showModal(); dialog.querySelector("h2")?.focus(); return; }
    const closer = event.target.closest("dialog [data-close]");
    if (closer) { event.preventDefault(); closer.closest("dialog").close(); }
  });
  addEventListener("pageshow", (event) => { if (event.persisted) { free(); arrive(document); } });
  const polled = new WeakSet(); // after the swap htmx names another element, because the one that asked is gone
  addEventListener("htmx:before:swap", ({ detail: { ctx } }) => { if (ctx.sourceElement?.dataset.poll) polled.add(ctx); });
  addEventListener("htmx:after:swap", (event) => {
    free();
    arrive(document);
    const { ctx } = event.detail || {}; // scan.js, which swaps by itself, has none
    if (ctx?.target?.id === "main" && !polled.has(ctx)) document.querySelector("h1")?.focus();
  });
  addEventListener("htmx:error", free);

  // A page without a person is that of a session which ended: what was typed waits for the same person.
  store.drop((kept) => kept && (!person() || kept.person === person()));
  arrive(document);
  setInterval(() => { if (!document.hidden) count(); poll(); }, 1000);
})();
