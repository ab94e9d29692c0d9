// What scripts add to the order form: ways of delivery and products while typing, and the proof of work before sending.
"use strict";

const form = document.querySelector("form[data-live]");
const send = document.querySelector("form[data-challenge]");

// Ask the page itself for one part of it, with everything that is typed. An older answer never replaces a newer one.
const asked = {};
async function refresh(part, action) {
  const turn = (asked[part] = (asked[part] || 0) + 1);
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", action);
  try {
    const answer = await fetch(location.href, {
      method: "POST", body: fields, headers: { "X-Comanda-Part": part }, credentials: "omit",
    });
    const text = await answer.text();
    if (!answer.ok || turn !== asked[part]) return;
    const focus = document.activeElement?.id;
    document.getElementById(part).innerHTML = text;
    if (focus && document.activeElement?.id !== focus) document.getElementById(focus)?.focus();
  } catch {
    // The buttons do the same without a script.
  }
}

if (form) {
  const waiting = {};
  const soon = (part, action) => {
    clearTimeout(waiting[part]);
    waiting[part] = setTimeout(() => refresh(part, action), 500);
  };
  form.addEventListener("input", (event) => {
    const name = event.target.name;
    if (name === "q") {
      if (event.target.value.trim().length > 1) soon("found", "search");
    } else if (["quantity", "city", "region", "postal_code", "country", "option"].includes(name)) {
      soon("options", "update");
    }
  });
  // The amount of a line follows when its quantity was typed to the end.
  form.addEventListener("change", (event) => {
    if (event.target.name === "quantity") refresh("basket", "update");
  });
  // Enter in the search box searches.
  form.elements.q.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(waiting.found);
    refresh("found", "search");
  });
}

// Find the number with which the SHA-256 of "challenge:number" begins with so many zero bits.
async function solve(challenge, bits) {
  const text = new TextEncoder();
  const fits = (digest) => {
    const view = new DataView(digest);
    return bits <= 32 ? Math.clz32(view.getUint32(0)) >= bits : false;
  };
  for (let first = 0; ; first += 256) {
    const batch = Array.from({ length: 256 }, (_, i) => crypto.subtle.digest("SHA-256", text.encode(`${challenge}:${first + i}`)));
    const found = (await Promise.all(batch)).findIndex(fits);
    if (found >= 0) return String(first + found);
  }
}

if (send && globalThis.crypto?.subtle) {
  let solving = null;
  const start = () => (solving ??= solve(send.dataset.challenge, Number(send.dataset.bits)));
  setTimeout(start, 300); // while the person reads
  send.addEventListener("submit", async (event) => {
    if (event.submitter?.value !== "send") return;
    event.preventDefault();
    if (send.dataset.sent) return;
    send.dataset.sent = "yes";
    document.getElementById("working").textContent = send.dataset.working;
    for (const [name, value] of [["nonce", await start()], ["do", "send"]]) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      send.append(field);
    }
    send.submit();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) delete send.dataset.sent; });
}
