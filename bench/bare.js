// What somebody would write by hand to read just this console: the measure that the pack-driven reader is held to.
// Gives what flows/reader.js gives, as text.
() => {
  const text = (root, css) => root.querySelector(css)?.textContent.trim() ?? null;
  const shown = (css) => document.querySelector(css)?.checkVisibility() ?? false;
  const row = (el) => [
    el.dataset.uid,
    text(el, ".row-name"),
    text(el, ".row-preview"),
    el.querySelector(".row-time").getAttribute("datetime"),
    text(el, ".row-unread"),
    text(el, ".row-clock"),
    el.dataset.group,
    false,
  ];
  const message = (el) => [
    el.dataset.id,
    el.dataset.sender,
    el.dataset.kind,
    text(el, ".msg-text") ?? "",
    el.dataset.time,
    el.classList.contains("is-failed"),
  ];
  const thread = document.querySelector(".thread");
  const order = (card) => ({
    number: text(card, ".order-number"),
    status: text(card, ".order-status"),
    amount: text(card, ".order-amount").match(/[0-9.]+/)[0],
    ship_by: card.querySelector(".order-ship-by").getAttribute("datetime"),
    tracking: text(card, ".order-tracking"),
  });
  const product = document.querySelector(".product-panel .product-card");
  const signals = {
    logged_in: ".desk .inbox",
    logged_out: "#login-form",
    expired: ".expired-dialog",
    offline: ".offline-bar",
    blocked: ".toast.is-refused",
  };
  const seen = Object.keys(signals).filter((name) => shown(signals[name]));
  if (!shown('.presence[data-state="online"]')) seen.push("away");
  return JSON.stringify({
    inbox: Array.from(document.querySelectorAll(".inbox-scroll .row"), row),
    thread: {
      id: thread.dataset.conversation,
      messages: Array.from(thread.querySelectorAll(".message-list > .msg"), message),
      draft: thread.querySelector(".composer-input").value,
      orders: Array.from(document.querySelectorAll(".order-panel .order-card"), order),
      product: product && {
        id: product.dataset.product,
        title: text(product, ".product-title"),
        price: text(product, ".product-price").match(/[0-9.]+/)[0],
        stock: text(product, ".product-stock").match(/[0-9]+/)[0],
      },
    },
    signals: seen,
  });
}
