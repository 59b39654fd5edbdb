// The login form and what lies outside the gate: where to press, whether a field took what was meant for it, and which
// signal comes of it.
(() => {
  const page = window.__nightdesk;
  const first = (list) => Array.from(page.all(page.base(), list)).find(page.shown);

  Object.assign(page, {
    point: (list) => page.pointOf(first(list)),
    // The same, once all is loaded and it has stood in its place for `still` ms, or when `ms` are over.
    steadyPoint: async (list, ms, still) => {
      let before = null, since = 0;
      const steady = await page.until(() => {
        const now = page.point(list), shape = JSON.stringify(now);
        if (shape !== before) [before, since] = [shape, performance.now()];
        const rested = document.readyState === "complete" && performance.now() - since >= still;
        return rested && "x" in now ? now : null;
      }, ms);
      return steady ?? page.point(list);
    },
    waitSignal: (names, ms) =>
      page.until(() => {
        const now = page.signals().filter((name) => names.includes(name));
        return now.length ? now : null;
      }, ms),
    focused: (list) => list.some((css) => page.base().activeElement?.closest(css)),
    holds: (list, text) => first(list)?.value === text,
  });
})();
