// What renews itself waits while somebody reads an explanation in it.
(() => {
  document.addEventListener("htmx:before:request", (event) => {
    const renews = event.target.matches && event.target.matches("[data-renews]");
    if (renews && document.querySelector(".because")) event.preventDefault();
  });
})();
