"""Note in a page when its scripts call the server: the page's own clock is right on a busy machine too."""

# Afterwards `calls` has the time of each call in milliseconds.
NOTE_CALLS = """() => {
  const call = window.fetch;
  window.calls = [];
  window.fetch = (...given) => { window.calls.push(performance.now()); return call(...given); };
}"""
