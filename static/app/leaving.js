// Who leaves a form that was changed is asked first. A frame may not use the browser's own question, so it is a dialog of ours.
(() => {
  const dialog = document.getElementById("leave");
  let before = ""; // what the form said when it was drawn
  let pressed = null; // what would lead away
  let free = false; // whether it may

  const form = () => document.querySelector("#wizard form[data-guard]");

  const said = (it) => {
    const answers = new FormData(it);
    answers.delete("preset");
    return new URLSearchParams(answers).toString();
  };

  const edited = () => form() !== null && said(form()) !== before;
  const unsaved = () => form() !== null && ("unsaved" in form().dataset || edited());

  // beside what was pressed: the frame may be much higher than what is seen of it
  const open = () => {
    dialog.returnValue = "";
    dialog.showModal();
    const beside = pressed.getBoundingClientRect().top - dialog.offsetHeight / 2;
    const lowest = window.innerHeight - dialog.offsetHeight - 16;
    dialog.style.top = `${Math.max(16, Math.min(beside, lowest))}px`;
  };

  const hold = (event, element) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = element;
    open();
  };

  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("#wizard button[hx-get]");
      if (button && !free && unsaved()) hold(event, button);
    },
    true,
  );

  // another preset brings another form
  document.addEventListener(
    "change",
    (event) => {
      if (event.target.matches("form[data-guard] input[hx-get]") && !free && edited()) hold(event, event.target);
    },
    true,
  );

  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-stay]")) dialog.close("stay");
    if (event.target.closest("[data-leave]")) dialog.close("leave");
  });

  dialog.addEventListener("close", () => {
    const choice = pressed.type === "radio";
    if (dialog.returnValue === "leave") {
      free = true;
      if (choice) pressed.dispatchEvent(new Event("change", { bubbles: true }));
      else pressed.click();
      free = false;
    } else if (choice) {
      for (const each of form().elements.preset) each.checked = each.defaultChecked;
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });

  document.addEventListener("htmx:after:swap", () => {
    const now = form();
    if (!now || "drawn" in now.dataset) return;
    now.dataset.drawn = "";
    before = said(now);
  });
})();
