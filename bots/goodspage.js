() => {
  const text = (node) => (node?.innerText ?? node?.textContent ?? "").trim().slice(0, 2000);
  const linked = [];
  for (const block of document.querySelectorAll('script[type="application/ld+json"]')) {
    try { linked.push(JSON.parse(block.textContent)); } catch { /* a page's own mistake */ }
  }
  const pairs = [];
  for (const row of document.querySelectorAll("table tr")) {
    const cells = [...row.children].filter((cell) => /^T[HD]$/.test(cell.tagName)).map(text);
    // Name and value side by side, perhaps several such pairs in a row; a table with headings is no such list.
    if (cells.length % 2 === 0 && cells.length <= 6 && !row.closest("thead"))
      for (let at = 0; at < cells.length; at += 2) pairs.push([cells[at], cells[at + 1]]);
  }
  for (const name of document.querySelectorAll("dl dt"))
    if (name.nextElementSibling?.tagName === "DD") pairs.push([text(name), text(name.nextElementSibling)]);
  for (const item of document.querySelectorAll("li")) {
    const found = /^([^：:\n]{1,12})[：:]\s*([^\n]{1,80})$/.exec(text(item));
    if (found && !item.querySelector("li")) pairs.push([found[1], found[2]]);
  }
  const price = document.querySelector('[itemprop="price"]');
  return {
    linked,
    pairs: pairs.slice(0, 300),
    title: text(document.querySelector("h1")) || document.title,
    price: price?.getAttribute("content") ?? text(price),
    texts: [...document.querySelectorAll("p, li, dd, td, h2, h3, section > div, article > div")]
      .filter((node) => !node.querySelector("p, li, td, div, table")).map(text).filter(Boolean).slice(0, 2000),
  };
}
