// A list of which only the rows in sight are in the page: where it stands, and when a turn of the wheel has arrived.
(() => {
  const page = window.__nightdesk;
  const { inbox } = page.pack;
  const SETTLE = 25;

  const scrolls = (el) => el.scrollHeight > el.clientHeight + 1 && /auto|scroll|overlay/.test(getComputedStyle(el).overflowY);
  const roller = () => {
    const root = page.first(page.base(), inbox.root);
    const from = (root && page.first(root, inbox.row)) ?? root;
    for (let el = from; el && el !== document.documentElement; el = el.parentElement) if (scrolls(el)) return el;
    return null;
  };
  const keys = () => (page.inbox() ?? []).map((row) => row[0]).join("\n");
  // Where to turn the wheel, how far up or down the list can go, and what of it is in the page.
  const view = () => {
    const el = roller();
    const loaded = performance.timeOrigin;
    if (!el) return { loaded, rows: page.inbox(), top: 0, most: 0, height: 0 };
    const box = el.getBoundingClientRect();
    const middle = page.inTopPage(box.left + box.width / 2, box.top + box.height / 2);
    return { ...middle, loaded, rows: page.inbox(), top: el.scrollTop, most: el.scrollHeight - el.clientHeight, height: el.clientHeight };
  };

  let before = null;
  Object.assign(page, {
    listView: () => {
      const now = view();
      before = { top: now.top, keys: keys() };
      return now;
    },
    // The list once it has moved since it was last looked at and its rows have followed; as it is when `ms` are over.
    rolled: async (ms) => {
      if (!before) return page.listView(); // the page was loaded anew meanwhile
      const { top, keys: rows } = before;
      let since = null;
      await page.until(() => {
        const el = roller();
        if (!el || el.scrollTop === top) return null;
        since ??= performance.now();
        // Rows may be drawn a frame later than the scroll, or may all have been in the page already.
        return keys() !== rows || performance.now() - since >= 4 * SETTLE ? true : null;
      }, ms);
      return page.listView();
    },
  });
})();
