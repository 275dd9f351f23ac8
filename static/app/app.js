// The little a page does by itself: carries its session, keeps the focus, tells what happens, ticks bundles.
(() => {
  const PATIENCE = 8000; // a stream says something every two seconds while its run moves
  const meta = document.querySelector('meta[name="app-session"]');
  const status = document.getElementById("status");
  const offline = document.getElementById("offline");
  const streams = new WeakMap(); // element -> the headers of its stream, sent again when it reconnects
  let session = meta ? meta.content : "";
  let shown = ""; // which drawing of which screen is there
  let focused = "";
  let polled = 0;
  let streaming = false; // whether a stream is open
  let heard = 0; // when anything was last drawn

  const bearer = () => `Bearer ${session}`;
  const screen = () => document.querySelector("[data-screen]");

  const say = () => {
    const words = [...document.querySelectorAll("#wizard [data-say]")].map((it) => it.textContent.trim()).join(" ");
    if (status.textContent !== words) status.textContent = words;
  };

  // a new screen begins at its title; one drawn again keeps the focus where it was
  const settle = () => {
    const now = screen();
    const name = now ? now.dataset.screen.split("-")[0] : "";
    if (now && name !== shown) {
      if (shown) {
        now.querySelector("h1").focus({ preventScroll: true });
        now.scrollIntoView({ block: "start" });
      }
      shown = name;
    } else if (focused && document.activeElement === document.body) {
      const before = document.getElementById(focused);
      if (before) before.focus({ preventScroll: true });
    }
  };

  const offerAgain = () => {
    for (const fault of document.querySelectorAll(".fault:not(:has(button))")) {
      const offer = fault.dataset.status === "401" ? "reload" : "again";
      fault.append(document.getElementById(offer).content.cloneNode(true));
      if (fault.parentElement.id === "wizard") {
        const whole = document.getElementById("broken").content.firstElementChild.cloneNode(true);
        fault.replaceWith(whole);
        whole.append(fault);
      }
      htmx.process(fault);
    }
  };

  document.addEventListener("htmx:config:request", (event) => {
    const ctx = event.detail.ctx;
    ctx.request.headers.Authorization = bearer();
    streams.set(ctx.sourceElement, ctx.request.headers);
  });

  document.addEventListener("htmx:sse:before:connection", (event) => {
    const headers = streams.get(event.target);
    if (headers) headers.Authorization = bearer();
  });

  document.addEventListener("htmx:before:request", (event) => {
    focused = document.activeElement ? document.activeElement.id : "";
    // a hidden tab asks less often
    if (event.target.matches && event.target.matches("[data-poll]") && document.hidden) {
      if (Date.now() - polled < 5000) event.preventDefault();
      else polled = Date.now();
    }
  });

  document.addEventListener("htmx:before:response", (event) => {
    offline.hidden = true;
    const fresh = event.detail.ctx.response.headers.get("X-Session");
    if (fresh) session = fresh;
  });

  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !event.detail.ctx.response) offline.hidden = false;
  });
  document.addEventListener("htmx:sse:error", () => (offline.hidden = false));
  document.addEventListener("htmx:sse:after:connection", () => {
    offline.hidden = true;
    streaming = true;
  });
  document.addEventListener("htmx:sse:close", () => (streaming = false));

  // what opens streams may come after the first page that wants one
  document.querySelector("[data-streams]").addEventListener("load", () => htmx.process(document.body));

  // a stream that never opens, or holds back what it is told, gives way to asking
  setInterval(() => {
    const live = document.querySelector("[data-stream]");
    const silent = !streaming || (live && "moving" in live.dataset);
    if (live && silent && Date.now() - heard > PATIENCE) {
      heard = Date.now();
      htmx.ajax("GET", "/wizard/progress", { target: live, swap: "outerHTML" });
    }
  }, 1000);

  // what a person has resized has a style of its own, which htmx would copy against our policy
  document.addEventListener("htmx:before:swap", () => {
    for (const it of document.querySelectorAll("#wizard [id][style]")) it.removeAttribute("style");
  });

  document.addEventListener("htmx:after:swap", () => {
    heard = Date.now();
    document.getElementById("wizard").removeAttribute("aria-busy");
    offerAgain();
    settle();
    say();
    const file = document.querySelector("a[data-take]:not([data-taken])");
    if (file) {
      file.dataset.taken = "";
      file.click();
    }
  });

  // who frames us may know a better way to open us anew
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-reload]")) return;
    if (document.dispatchEvent(new CustomEvent("app:reload", { cancelable: true }))) location.reload();
  });

  // a pipeline's tick takes its stages along
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-bundle]")) return;
    const inside = event.target.closest("fieldset").querySelectorAll('input[type="checkbox"]');
    for (const box of inside) box.checked = event.target.checked;
  });
})();
