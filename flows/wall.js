// Where on the page a person sees what only they can do, for its picture. Reading only.
(() => {
  const page = window.__nightdesk;
  // An element smaller than this, in pixels, shows nobody what to do.
  const SIDE = 60;

  // The box, in the top page's coordinates, of the largest element that gives one of these signals; null if none does.
  page.boxOf = (names) => {
    const css = names.flatMap((name) => page.pack.signals[name].flatMap((mark) => mark.css));
    const boxes = css.flatMap((one) => Array.from(page.base().querySelectorAll(one))).filter(page.shown)
      .map((el) => el.getBoundingClientRect()).filter((box) => Math.min(box.width, box.height) >= SIDE)
      .sort((a, b) => b.width * b.height - a.width * a.height);
    if (!boxes.length) return null;
    const { left, top, width, height } = boxes[0];
    const corner = page.inTopPage(Math.max(0, left), Math.max(0, top));
    return "x" in corner ? { ...corner, width, height } : null;
  };
})();
