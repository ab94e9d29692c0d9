// On a page without a box for scans, a code fills the text field that has the focus, and the next field gets the focus.
// Elsewhere a code does nothing, because its letters would press keys of the page: the page says so.
(() => {
  "use strict";
  const TEXT = "input[type=text], textarea";
  window.comandaFill = (field) => {
    if (field?.type === "search") { field.form.requestSubmit(); return true; }
    if (!field?.matches(TEXT)) { window.comandaSay("no-scans"); return false; }
    const fields = [...field.form.elements].filter((one) => one.matches(`${TEXT}, .primary`) && one.getClientRects().length);
    fields[fields.indexOf(field) + 1]?.focus();
    return true;
  };
})();
