// A desk as on 抖店飞鸽, by what others reported of it: stable data-qa-id and data-kora, class names that rotate.
import { Desk } from "/static/desk.js";
import { el, home, iso } from "/static/dom.js";
import { rig } from "/static/manners.js";
import { List } from "./list.js";
import { Thread } from "./thread.js";

const STATES = { online: "在线", busy: "忙碌", offline: "离线" };
const hashed = (name) => `${name}-${document.body.dataset.build}`;

class View {
  constructor(shop) {
    this.desk = new Desk(shop, (what, given) => this.hear(what, given));
    this.list = new List(this.desk, hashed);
    this.thread = new Thread(this.desk, hashed, () => this.askTransfer());
    this.panel = el("div", { id: "workStation", class: hashed("workStation") });
    this.people = el("div", { class: hashed("staffStatus"), "data-qa-id": "qa-staff-status" });
  }

  async start() {
    await this.desk.start();
    home.append(
      el("div", { class: hashed("topNav") }, el("b", {}, this.desk.title), this.people),
      el("div", { class: hashed("workspace") }, this.list.node, this.thread.node, this.panel));
  }

  hear(what, given) {
    if (what === "calm") return this.clear(".auxo-message, .repeat-interceptor-popup");
    if (what === "notice") return this.notice(given);
    if (given.has("list")) this.list.draw();
    if (given.has("list") || given.has("thread")) this.thread.draw();
    if (given.has("panel")) this.drawPanel();
    if (given.has("people")) this.drawPeople();
    if (given.has("line")) this.drawLine();
  }

  clear(css) {
    for (const node of home.querySelectorAll(css)) node.remove();
  }

  notice({ text, kind }) {
    if (text.includes("重复")) return this.popup(text);
    const node = el("div", { class: `auxo-message auxo-message-${kind === "refused" ? "error" : "success"}` }, text);
    home.append(node);
    setTimeout(() => node.remove(), 3000);
  }

  popup(text) {
    this.clear(".repeat-interceptor-popup");
    const node = el("div", { class: "repeat-interceptor-popup" }, el("p", {}, text),
      el("button", { class: "auxo-btn", onclick: () => node.remove() }, "我知道了"));
    home.append(node);
  }

  cover(text, away) {
    const node = el("div", { class: "auxo-modal" }, el("p", {}, text), el("button", { class: "auxo-btn", onclick: () => node.remove() }, away));
    home.append(node);
  }

  drawPeople() {
    const { me } = this.desk;
    this.people.dataset.status = me.presence;
    this.people.replaceChildren(...Object.entries(STATES).map(([state, name]) =>
      el("button", { "data-status": state, "aria-checked": String(state === me.presence), onclick: () => this.desk.setPresence(state) }, name)),
      ...(this.desk.robot ? [el("span", { class: hashed("robotOn") }, "机器人接待中")] : []));
  }

  drawLine() {
    const { line, shop } = this.desk;
    this.clear(`.${hashed("netError")}`);
    if (line === "lost") home.append(el("div", { class: hashed("netError") }, "网络异常，正在重连"));
    if (line !== "expired" || home.querySelector(".auxo-modal")) return;
    home.append(el("div", { class: "auxo-modal" }, el("p", {}, "登录过期"), el("a", { href: `/${shop}/login` }, "重新登录")));
  }

  drawPanel() {
    const thread = this.desk.open;
    if (!thread?.loaded) return;
    const facts = (order) => [
      ["orderNo", order.number], ["orderStatus", order.status], ["orderAmount", `¥${order.amount}`],
      ["logistics", order.tracking || null], ["shipBy", iso(order.ship_by)],
    ];
    this.panel.replaceChildren(
      el("div", { class: hashed("tabItem") }, "订单"),
      el("div", { id: "rc-tabs-1-panel-combination" }, ...thread.orders.map((order) =>
        el("div", { class: hashed("orderItem") }, ...facts(order).filter(([, text]) => text).map(([name, text]) => el("div", { class: hashed(name) }, text))))),
      el("div", { id: "rc-tabs-1-panel-footprint" }, el("div", { class: hashed("productItem"), "data-id": thread.product.id },
        el("div", { class: hashed("productTitle") }, thread.product.title), el("div", { class: hashed("productPrice") }, `¥${thread.product.price}`))));
  }

  // Transfer: a search by nickname finds the colleagues who are online.
  askTransfer() {
    this.clear(`.${hashed("transfer")}`);
    const found = el("div", {});
    const input = el("input", { class: "auxo-input", placeholder: "请输入在线客服昵称", oninput: () => this.find(input.value, found) });
    home.append(el("div", { class: hashed("transfer") }, input, found));
    input.focus();
  }

  find(name, found) {
    const people = [...this.desk.colleagues.values()].filter((one) => one.presence === "online" && name && one.name.includes(name));
    found.replaceChildren(...people.map((one) =>
      el("div", { "data-qa-id": "qa-transfer-customer", onclick: () => this.transfer(one.user) }, one.name)));
  }

  async transfer(user) {
    if (await this.desk.transfer(user)) this.clear(`.${hashed("transfer")}`);
  }
}

rig(new View(document.body.dataset.shop)).then((view) => view.start());
