// Inside Bitrix24: the frame is as high as the page, and the installation is finished once its result is proven.
(() => {
  const page = document.getElementById("app");
  let finished = false;

  const show = (id) => {
    const words = document.getElementById(id);
    if (words) words.hidden = false;
  };

  const frame = window.parent === window ? Promise.resolve(null) : B24.initializeB24Frame().catch(() => null);

  frame.then((portal) => {
    if (!portal) return;
    let height = 0;
    const fit = () => {
      if (page.offsetHeight === height) return;
      height = page.offsetHeight;
      portal.parent.resizeWindowAuto(page).catch(() => {});
    };
    new ResizeObserver(fit).observe(page);
    fit();
    // a page of our own has our title; a deal's card keeps that of the deal
    const start = document.getElementById("wizard").getAttribute("hx-get");
    if (!start.startsWith("/panel")) portal.parent.setTitle(document.title).catch(() => {});
  });

  document.addEventListener("app:reload", (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    frame.then((portal) => (portal ? portal.parent.reloadWindow() : location.reload()));
  });

  const finish = async () => {
    if (finished || !document.querySelector("[data-install-finish]")) return;
    const portal = await frame;
    if (!portal) return show("no-frame");
    if (!portal.isInstallMode || finished) return;
    finished = true;
    show("finishing");
    try {
      await portal.installFinish();
    } catch {
      finished = false;
    }
  };

  // a deal's card is opened over the page that asks for it
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-open]");
    if (!link || window.parent === window) return;
    event.preventDefault();
    const portal = await frame;
    if (portal) portal.slider.openPath(portal.slider.getUrl(link.dataset.open)).catch(() => {});
    else window.open(link.href, "_blank", "noopener");
  });

  // a robot's settings go into the portal's own form, which answers nothing; a person saves it
  document.addEventListener("change", async (event) => {
    const { property } = event.target.dataset;
    const portal = property ? await frame : null;
    if (!portal) return;
    const parts = [...document.querySelectorAll("[data-property]")].filter((it) => it.dataset.property === property);
    const chosen = parts.filter((it) => it.type !== "checkbox" || it.checked).map((it) => it.value);
    portal.placement.call("setPropertyValue", { [property]: chosen.join(",") }).catch(() => {});
    document.querySelector("[data-told]").hidden = false;
  });

  // the first fragment may have come before this script
  document.addEventListener("htmx:after:swap", finish);
  finish();
})();
