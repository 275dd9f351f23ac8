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
    portal.parent.setTitle(document.title).catch(() => {});
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

  document.addEventListener("htmx:after:swap", finish);
})();
