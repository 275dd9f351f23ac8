// The page around an application's frame: it posts the frame open, answers what the frame asks in the words of the vendor's
// library, and slides further pages over itself. Stands on the application's own page, in a panel, and on a card.
"use strict";
(() => {
  // what a test looks at: what came, what this page does not know, what came from elsewhere
  const log = window.sandboxFrame = { commands: [], unknown: [], rejected: [] };
  const slider = document.getElementById("slider");

  // answers when the panel is closed; a width of 0 is the panel's usual one
  const slide = window.slide = (address, title = "", width = 0) => new Promise((closed) => {
    const page = slider.querySelector("iframe");
    page.src = address;
    page.title = title || "Страница портала";
    slider.querySelector("strong").textContent = title;
    slider.style.width = width ? `min(${width}px, 94vw)` : "";
    slider.addEventListener("close", () => { page.src = "about:blank"; closed({ result: "close" }); }, { once: true });
    slider.showModal();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-slide]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    slide(`${link.getAttribute("href")}?IFRAME=Y`, link.textContent.trim());
  });

  const frame = document.getElementById("frame");
  if (!frame) return;
  const { origin, client, user } = frame.dataset;
  const told = window.told = JSON.parse(document.getElementById("init-data").textContent);
  const sid = frame.name.split("|").pop();
  const page = `/marketplace/app/${client}/`;
  const heading = document.querySelector("[data-app-title]");
  const dialog = document.querySelector("form[data-dialog]");

  const say = (text) => { document.getElementById("heard").textContent = text; return true; };
  const post = async (path) => (await fetch(`${path}?user=${user}`, { method: "POST" })).json();

  const commands = {
    getInitData: () => told,
    setInstall: () => true,
    setInstallFinish: async () => { await post(`/_sandbox/install-finish/${client}`); location.replace(page); return true; },
    refreshAuth: () => post(`/_sandbox/frame-auth/${client}`),
    resizeWindow: ({ height }) => { frame.style.height = `${Math.max(200, Math.ceil(height))}px`; return { width: frame.clientWidth, height }; },
    setTitle: ({ title }) => {
      if (heading) heading.textContent = title;
      const outer = window.frameElement?.closest("dialog")?.querySelector("strong");
      if (outer) outer.textContent = title;
      return true;
    },
    setScroll: ({ scroll }) => { window.scrollTo(0, scroll); return true; },
    reloadWindow: () => { location.reload(); return true; },
    openPath: ({ path }) => {
      const address = new URL(path, location.origin);
      return address.origin === location.origin ? slide(address.pathname + address.search) : { result: "error", errorCode: "PATH_NOT_AVAILABLE" };
    },
    openApplication: (params = {}) => {
      const options = encodeURIComponent(JSON.stringify(params));
      return slide(`${page}?IFRAME=Y&options=${options}`, params.bx24_title || "", Number(params.bx24_width) || 0);
    },
    closeApplication: () => {
      const outer = window.frameElement?.closest("dialog");
      if (outer) outer.close(); else if (heading) location.href = "/";
      return true;
    },
    getInterface: () => ({ command: dialog ? ["setPropertyValue"] : ["reloadData"], event: [] }),
    // the dialog of a robot takes what its page chooses into the form, and answers nothing
    setPropertyValue: (values) => {
      for (const input of dialog ? dialog.querySelectorAll("[data-property]") : []) {
        if (input.dataset.property in values) input.value = values[input.dataset.property];
      }
    },
    placementBindEvent: ({ event }) => say(`Виджет ждёт события: ${event}`),
    // the card or list around the widget looks anew
    reloadData: () => { (window.look || window.parent.look)?.(); return say("Команда виджета: reloadData"); },
  };

  // command[:json][:callback]:sid, where the json may hold colons
  const read = (text) => {
    const [name, ...parts] = text.split(":");
    const from = parts.pop();
    const callback = parts.pop() || "";
    const given = parts.join(":");
    return { name, from, callback, params: given ? JSON.parse(given) : {} };
  };

  window.addEventListener("message", async (event) => {
    if (event.source !== frame.contentWindow) return;
    if (event.origin !== origin || typeof event.data !== "string") { log.rejected.push(event.origin); return; }
    const { name, from, callback, params } = read(event.data);
    if (from !== sid) { log.rejected.push(name); return; }
    log.commands.push(name);
    if (!(name in commands)) log.unknown.push(name);
    const answer = await commands[name]?.(params);
    if (callback && answer !== undefined) event.source.postMessage(`${callback}:${JSON.stringify(answer)}`, event.origin);
  });
  document.getElementById("opening").submit();
})();
