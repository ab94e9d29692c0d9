// Keep the counted units of a pick in this tab until they are sent, so that a reload or another page loses none.
(() => {
  "use strict";
  const form = () => document.querySelector("form[data-counts]");
  const name = (pick) => `counts:${document.body.dataset.person || ""}:${pick.dataset.counts}`;
  const units = (pick) => [...pick.elements].filter((field) => field.name.startsWith("line.")).map((line) => [line.value, pick.elements[`quantity.${line.name.slice(5)}`]]);

  function keep(pick, sent = false) {
    const kept = { version: pick.elements.version.value, sent, units: units(pick).map(([line, field]) => [line, field.value]) };
    try { sessionStorage.setItem(name(pick), JSON.stringify(kept)); } catch { /* the tab has no room: a reload begins anew */ }
  }
  function kept(pick) { try { return JSON.parse(sessionStorage.getItem(name(pick))); } catch { return null; } }

  // A page that answers a scan or a tap shows the counts itself. A page that was opened anew gets those of the tab.
  function arrive() {
    const pick = form();
    if (!pick) return;
    if ("counted" in pick.dataset) { keep(pick); return; }
    const before = kept(pick);
    if (!before || !before.units.some(([, count]) => Number(count))) return;
    if (before.sent && before.version !== pick.elements.version.value) { sessionStorage.removeItem(name(pick)); return; }
    const counts = new Map(before.units);
    for (const [line, field] of units(pick)) if (counts.has(line)) field.value = counts.get(line);
    pick.elements.version.value = before.version; // so the page says if somebody changed the work since
    pick.querySelector("button[value=count]").click();
  }
  addEventListener("input", (event) => { if (event.target.form === form() && form()) keep(form()); });
  addEventListener("submit", (event) => { if (event.target === form() && event.submitter?.value === "pick") keep(form(), true); });
  // A tap that counts one unit is a scan of its article: it waits for the network, and its answer, as scans do.
  addEventListener("click", (event) => {
    const tap = event.target.closest?.("[data-code]"), pick = form();
    if (!tap || !pick) return;
    event.preventDefault();
    pick.elements.code.value = tap.dataset.code;
    pick.requestSubmit(pick.querySelector("button[value=scan]"));
  });
  // A refusal that the next answer replaces at once was read by nobody, so it stays above that answer.
  let unread = [];
  function keepUnread() {
    for (const one of unread) { one.removeAttribute("data-scan-answer"); one.dataset.missed = ""; }
    document.querySelector("main .page-head")?.after(...unread);
    const waiting = (sessionStorage.getItem(`scans:${document.body.dataset.person || ""}`) || "[]") !== "[]";
    unread = waiting ? [...document.querySelectorAll("[data-missed], [data-scan-answer=no]")] : [];
  }
  addEventListener("htmx:after:swap", keepUnread);
  addEventListener("htmx:after:swap", arrive);
  arrive();
})();
