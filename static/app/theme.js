// Before the first paint: the theme that the widget of amoCRM tells in the address, else that of the system.
(() => {
  const told = location.hash.slice(1);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    const isDark = ["dark", "light"].includes(told) ? told === "dark" : dark.matches;
    document.documentElement.classList.toggle("dark", isDark);
    document.documentElement.classList.toggle("light", !isDark);
  };
  follow();
  dark.addEventListener("change", follow);
})();
