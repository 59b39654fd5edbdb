// The page in plain descriptions, and which of its elements each selector of a pack finds, through the eyes of a reader
// that has this pack: in the whole page, or the first in each row, message or panel. Reads only.
({ spots }, eyes = window.__nightdesk) => {
  const describe = __DESCRIBE__;
  const base = eyes.base(), list = eyes.first(base, eyes.pack.inbox.root), thread = eyes.threadRoot();
  const open = eyes.openId(thread);
  const fill = (css) => (open === null ? eyes.anyId(css) : css.replaceAll("{id}", CSS.escape(open)));
  const some = (from, selectors) => {
    const found = selectors.map((css) => Array.from(from?.querySelectorAll(fill(css)) ?? [])).find((each) => each.length);
    return found ?? [];
  };
  const panel = (name) => (eyes.pack[name] ? some(base, eyes.pack[name].root).slice(0, 1) : []);
  const holders = {
    row: some(list, eyes.pack.inbox.row),
    message: some(thread, eyes.pack.thread.message),
    order: panel("order"),
    product: panel("product"),
  };
  const inside = (el, css) => (el.matches(css) ? el : el.querySelector(css));
  const find = (css, within) => {
    if (within === "page") return Array.from(base.querySelectorAll(css)).filter(eyes.shown);
    if (within === "list" || within === "thread") return Array.from((within === "list" ? list : thread)?.querySelectorAll(css) ?? []);
    return holders[within].map((el) => inside(el, css)).filter(Boolean);
  };
  const asked = [];
  const noted = (found) => found.map((el) => asked.push(el) - 1);
  const at = Object.fromEntries(spots.map(({ key, css, within }) => [key, css.map((one) => noted(find(fill(one), within)))]));
  const held = Object.fromEntries(Object.entries(holders).map(([name, found]) => [name, noted(found)]));
  const page = describe({ within: base, asked });
  const numbered = (found) => found.map((place) => page.asked[place]).filter((number) => number >= 0);
  return JSON.stringify({
    nodes: page.nodes,
    found: Object.fromEntries(Object.entries(at).map(([key, each]) => [key, each.map(numbered)])),
    held: Object.fromEntries(Object.entries(held).map(([name, each]) => [name, numbered(each)])),
    ...eyes.read(),
    open,
  });
};
