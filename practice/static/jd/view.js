// A desk as on 京东咚咚, by what others reported of it: a list that is only in the page where it is in sight.
import { Desk } from "/static/desk.js";
import { el, home, shortTime } from "/static/dom.js";
import { rig } from "/static/manners.js";
import { List } from "./list.js";
import { Thread } from "./thread.js";

const STATES = { online: "在线", busy: "忙碌", offline: "离线" };

class View {
  constructor(shop) {
    this.desk = new Desk(shop, (what, given) => this.hear(what, given));
    this.list = new List(this.desk);
    this.thread = new Thread(this.desk, () => this.askTransfer());
    this.panel = el("div", { class: "side-panel" });
    this.people = el("div", { class: "waiter-status" });
  }

  async start() {
    await this.desk.start();
    home.append(
      el("div", { class: "head-bar" }, el("b", {}, this.desk.title), this.people),
      el("div", { class: "work-area" }, this.list.node, this.thread.node, this.panel));
    this.list.show();
  }

  hear(what, given) {
    if (what === "calm") return this.clear(".c_toast");
    if (what === "notice") return this.toast(given);
    if (given.has("list")) this.list.draw();
    if (given.has("list") || given.has("thread")) this.thread.draw();
    if (given.has("panel")) this.drawPanel();
    if (given.has("people")) this.drawPeople();
    if (given.has("line")) this.drawLine();
  }

  clear(css) {
    for (const node of home.querySelectorAll(css)) node.remove();
  }

  toast({ text, kind }) {
    const node = el("div", { class: `c_toast c_toast_${kind === "refused" ? "error" : "success"}` }, text);
    home.append(node);
    setTimeout(() => node.remove(), 3000);
  }

  cover(text, away) {
    const node = el("div", { class: "c_dialog" }, el("p", {}, text), el("button", { class: "c_dialog-close", onclick: () => node.remove() }, away));
    home.append(node);
  }

  drawPeople() {
    this.people.replaceChildren(...Object.entries(STATES).map(([state, name]) =>
      el("button", { class: state === this.desk.me.presence ? "waiter-state_check" : "", title: name, onclick: () => this.desk.setPresence(state) }, name)),
      ...(this.desk.robot ? [el("span", { class: "robot-switch_on" }, "京小智接待中")] : []));
  }

  drawLine() {
    const { line, shop } = this.desk;
    this.clear(".connection-tip");
    if (line === "lost") home.append(el("div", { class: "connection-tip" }, "连接中断，正在重连"));
    if (line !== "expired" || home.querySelector(".c_dialog")) return;
    home.append(el("div", { class: "c_dialog" }, el("p", {}, "登录已失效"), el("a", { href: `/${shop}/login` }, "重新登录")));
  }

  drawPanel() {
    const thread = this.desk.open;
    if (!thread?.loaded) return;
    const fact = (name, css, text) => text && el("p", {}, `${name}：`, el("span", { class: css }, text));
    this.panel.replaceChildren(
      ...thread.orders.map((order) => el("div", { class: "order-box" },
        fact("订单号", "order-id", order.number), fact("状态", "order-state", order.status), fact("金额", "order-sum", `¥${order.amount}`),
        fact("最晚发货", "order-limit", shortTime(order.ship_by, this.desk.now())), fact("物流", "order-trace", order.tracking))),
      el("div", { class: "ware-box" }, el("p", { class: "ware-name" }, thread.product.title), fact("SKU", "ware-id", thread.product.id), fact("价格", "ware-price", `¥${thread.product.price}`)));
  }

  askTransfer() {
    this.clear(".transfer-box");
    const people = [...this.desk.colleagues.values()].map((one) =>
      el("div", { class: `transfer-waiter ${one.presence}`, onclick: () => this.transfer(one.user) }, `${one.name} ${STATES[one.presence]}`));
    home.append(el("div", { class: "transfer-box" }, el("p", {}, "转接给"), ...people));
  }

  async transfer(user) {
    if (await this.desk.transfer(user)) this.clear(".transfer-box");
  }
}

rig(new View(document.body.dataset.shop)).then((view) => view.start());
