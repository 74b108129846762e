// Loaded as a plain script in the head, so that a remembered theme is there before the first paint.
(() => {
  const root = document.documentElement;
  const order = ["auto", "light", "dark"];

  const read = () => {
    try {
      const kept = localStorage.getItem("martlet.theme");
      return order.includes(kept) ? kept : "auto";
    } catch {
      return "auto";
    }
  };

  const keep = (theme) => {
    try {
      localStorage.setItem("martlet.theme", theme);
    } catch {
      // Without storage the choice lasts until the next page.
    }
  };

  let theme = read();

  const show = (button) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    if (!button) return;
    button.hidden = false;
    button.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[theme];
    button.setAttribute("aria-label", `Theme: ${theme}. Change it`);
  };

  show();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    show(button);
    button?.addEventListener("click", () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      keep(theme);
      show(button);
    });
  });
})();
