// The portal's own script. Every page works without it: it grows text areas, saves while people type, and lets a child
// leave at once. It keeps nothing in the browser's storage, so a shared computer remembers nothing.

const PAUSE = 1500; // milliseconds after the last key before a save
const FIRST_RETRY = 2000;
const LAST_RETRY = 60000;

// --- text areas as tall as their text ---

function grow(area) {
  const scrolled = window.scrollY;
  area.style.height = "auto"; // set by script, which the content policy allows; never as an attribute
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  window.scrollTo(window.scrollX, scrolled);
}

for (const area of document.querySelectorAll("textarea[data-autogrow]")) {
  area.classList.add("pp-textarea--grows");
  area.addEventListener("input", () => grow(area));
  if (area.offsetParent) grow(area);
}
window.addEventListener("resize", () => {
  for (const area of document.querySelectorAll("textarea.pp-textarea--grows")) if (area.offsetParent) grow(area);
});

// --- saving while typing: <form data-autosave="/address"> with an element [data-autosave-status] ---

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]") || document.querySelector("[data-autosave-status]");
    this.timer = 0;
    this.changed = false;
    this.saving = null;
    this.stopped = false;
    this.wait = FIRST_RETRY;
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    form.addEventListener("submit", () => this.stop());
    window.addEventListener("online", () => this.changed && this.save());
    // A phone that is put away may never come back to this page.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.changed) this.save(true);
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.stopped = false; });
  }

  touched() {
    if (this.stopped) return;
    this.changed = true;
    this.wait = FIRST_RETRY;
    this.later(PAUSE);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    if (this.saving) this.saving.abort();
  }

  say(state, words) {
    if (!this.status || this.status.textContent === words) return;
    this.status.dataset.state = state;
    this.status.textContent = words;
  }

  // The form as the server expects it, without files: those travel only when the person presses Save.
  body() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    return data;
  }

  async save(leaving = false) {
    if (this.stopped || !this.changed) return;
    if (this.saving) return; // the one under way looks again when it is back
    clearTimeout(this.timer);
    this.changed = false;
    this.saving = new AbortController();
    this.say("saving", "Saving…");
    let again = 0;
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: this.body(),
        credentials: "same-origin",
        headers: { "X-Requested-With": "autosave", Accept: "application/json" },
        keepalive: leaving,
        signal: this.saving.signal,
      });
      again = await this.heard(answer);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say("failed", "Not saved: no connection, trying again");
      again = this.backOff();
    } finally {
      this.saving = null;
    }
    if (this.stopped) return;
    if (again) this.changed = true;
    if (this.changed) this.later(again || PAUSE);
  }

  // What the server said. Gives the milliseconds after which to try again, or 0.
  async heard(answer) {
    const isJson = (answer.headers.get("Content-Type") || "").includes("json");
    const told = isJson ? await answer.json() : {};
    if (told.signed_out || answer.status === 401 || answer.status === 403 || answer.redirected) {
      this.stop();
      this.say("failed", "You have been signed out: what you typed is kept when you press Save");
    } else if (told.conflict) {
      this.stop();
      this.say("failed", told.message || "Somebody else has changed this section: press Save to see both versions");
    } else if (answer.ok && told.saved_at) {
      this.wait = FIRST_RETRY;
      this.say("saved", `Saved ${told.saved_at}`);
    } else if (answer.status >= 500 || answer.status === 429) {
      this.say("failed", "Not saved: the portal is busy, trying again");
      return this.backOff();
    } else {
      // Something in the form itself: Save shows what.
      this.say("failed", told.message || "Not saved: press Save to see what needs changing");
    }
    return 0;
  }

  backOff() {
    const pause = this.wait;
    this.wait = Math.min(this.wait * 2, LAST_RETRY);
    return pause;
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);

// --- leave this page now: Back must not return to it ---

for (const exit of document.querySelectorAll("[data-quick-exit]")) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.hidden = true;
    window.location.replace(exit.href || exit.dataset.quickExit);
  });
}
