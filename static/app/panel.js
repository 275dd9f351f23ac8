// What renews itself waits while somebody reads an explanation in it, or has asked for one: the press of a button would be lost.
(() => {
  const PATIENCE = 10000;
  let asked = 0;

  const renews = (event) => Boolean(event.target.matches && event.target.matches("[data-renews]"));
  const reading = () => Date.now() - asked < PATIENCE || document.querySelector(".because");

  document.addEventListener("htmx:before:request", (event) => {
    if (renews(event) && reading()) event.preventDefault();
    else if (event.target.matches && event.target.matches("button")) asked = Date.now();
  });

  // an answer that was under way already
  document.addEventListener("htmx:before:swap", (event) => {
    if (renews(event) && reading()) event.preventDefault();
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (!renews(event)) asked = 0;
  });
  document.addEventListener("htmx:error", () => (asked = 0));
})();
