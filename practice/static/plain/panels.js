// The right column: the buyer's orders, the product looked at, quick replies.
import { el, iso, shortTime } from "/static/dom.js";

export class Panels {
  constructor(desk, insert) {
    this.desk = desk;
    this.insert = insert;
    this.node = el("aside", { class: "panels" });
  }

  draw() {
    const thread = this.desk.open;
    if (!thread?.loaded) return;
    const orders = thread.orders.length ? thread.orders.map((order) => this.order(order)) : [el("p", { class: "panel-empty" }, "近期没有订单")];
    this.node.replaceChildren(
      el("section", { class: "panel order-panel", "data-conversation": thread.uid }, el("h3", {}, "最近订单"), ...orders),
      el("section", { class: "panel product-panel" }, el("h3", {}, "浏览商品"), this.product(thread.product)),
      el("section", { class: "panel quick-panel" }, el("h3", {}, "快捷回复"), ...this.desk.quick.map((text) => this.quick(text))));
  }

  order(order) {
    const facts = [
      ["金额", el("span", { class: "order-amount" }, `¥${order.amount}`), ` 共 ${order.pieces} 件`],
      ["编号", el("span", { class: "order-number" }, order.number)],
      ["最晚发货", el("time", { class: "order-ship-by", datetime: iso(order.ship_by) }, shortTime(order.ship_by, this.desk.now()))],
      ["物流", order.tracking ? el("span", { class: "order-tracking" }, order.tracking) : el("span", { class: "order-untracked" }, "暂无")],
    ];
    return el("div", { class: "order-card" },
      el("div", { class: "order-top" },
        el("img", { src: `/static/goods/${order.picture}.svg`, alt: "" }),
        el("span", { class: "order-title" }, order.title),
        el("span", { class: "order-status" }, order.status)),
      el("dl", {}, ...facts.flatMap(([name, ...value]) => [el("dt", {}, name), el("dd", {}, ...value)])));
  }

  product(product) {
    return el("div", { class: "product-card", "data-product": product.id },
      el("img", { src: `/static/goods/${product.picture}.svg`, alt: "" }),
      el("div", {},
        el("div", { class: "product-title" }, product.title),
        el("div", { class: "product-line" },
          el("span", { class: "product-price" }, `¥${product.price}`),
          el("span", { class: "product-stock" }, `库存 ${product.stock}`))));
  }

  quick(text) {
    return el("button", { class: "quick-reply", onclick: () => this.insert(text) }, text);
  }
}
