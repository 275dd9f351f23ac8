// The frame is told no theme: follow the system, before the first paint.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.documentElement.classList.toggle("dark", dark.matches);
    document.documentElement.classList.toggle("light", !dark.matches);
  };
  follow();
  dark.addEventListener("change", follow);
})();
