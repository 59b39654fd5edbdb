// A desk as on 拼多多, by what others reported of it: it believes in real presses only, layers cover it now and then,
// and it freezes when the account is opened elsewhere.
import { Desk } from "/static/desk.js";
import { el, home, shortTime } from "/static/dom.js";
import { rig } from "/static/manners.js";
import { List } from "./list.js";
import { Thread } from "./thread.js";
import { pressed } from "./press.js";

const STATES = { online: "在线", busy: "忙碌", offline: "离线" };
// After so many conversations opened a notice lies over the page.
const LAYER_EVERY = 6;

class View {
  constructor(shop) {
    this.desk = new Desk(shop, (what, given) => this.hear(what, given));
    this.list = new List(this.desk);
    this.thread = new Thread(this.desk, () => this.askTransfer());
    this.panel = el("div", { class: "right-panel-container" });
    this.status = el("ul", { class: "status-box" });
    this.opened = 0;
  }

  async start() {
    await this.desk.start();
    home.append(
      el("div", { class: "top-bar" }, el("b", {}, this.desk.title), this.status),
      el("div", { class: "main-box" }, this.list.node, this.thread.node, this.panel));
    this.lay("el-dialog__wrapper", "新功能上线：订单卡片支持一键改价", "今天不再提示");
  }

  hear(what, given) {
    if (what === "calm") return this.calm();
    if (what === "notice") return this.toast(given);
    if (given.has("list")) this.list.draw();
    if (given.has("list") || given.has("thread")) this.thread.draw();
    if (given.has("panel")) this.drawPanel();
    if (given.has("people")) this.drawPeople();
    if (given.has("line")) this.drawLine();
  }

  calm() {
    for (const node of home.querySelectorAll(".el-message")) node.remove();
    if (this.shown !== this.desk.open && ++this.opened % LAYER_EVERY === 0) this.cover("请及时回复消费者，避免超时", "我知道了");
    this.shown = this.desk.open;
  }

  cover(text, away) {
    this.lay("layer-box", text, away);
  }

  lay(css, text, away) {
    const node = el("div", { class: css });
    const button = pressed(el("span", { class: "layer-button" }, away), () => node.remove());
    node.append(el("div", { class: "layer-body" }, el("p", {}, text), el("div", {}, button)));
    home.append(node);
  }

  toast({ text, kind }) {
    const node = el("div", { class: `el-message el-message--${kind === "refused" ? "error" : "success"}` }, text);
    home.append(node);
    setTimeout(() => node.remove(), 3000);
  }

  drawPeople() {
    this.status.replaceChildren(...Object.entries(STATES).map(([state, name]) =>
      pressed(el("li", { class: state === this.desk.me.presence ? "active" : "" }, name), () => this.desk.setPresence(state))),
      ...(this.desk.robot ? [el("li", { class: "robot-status-open" }, "机器人接待中")] : []));
    home.querySelector(".captcha-container")?.remove();
    if (this.desk.wall) home.append(el("div", { class: "captcha-container" }, el("div", { class: "layer-body" }, "请拖动滑块完成验证")));
  }

  drawLine() {
    const { line, shop } = this.desk;
    home.querySelector(".network-tip")?.remove();
    if (line === "lost") home.append(el("div", { class: "network-tip" }, "网络异常，连接已断开"));
    if (line === "expired") this.freeze(el("p", {}, "会话已过期，请重新登录"), el("a", { href: `/${shop}/login` }, "去登录"));
    if (line === "kicked") this.freeze(el("p", {}, "账户在别处登录，本页面已停止接待"));
  }

  freeze(...says) {
    home.append(el("div", { class: "el-dialog__wrapper page-stopped" }, el("div", { class: "layer-body" }, ...says)));
  }

  drawPanel() {
    const thread = this.desk.open;
    if (!thread?.loaded) return;
    const line = (name, css, text) => text && el("p", {}, `${name}：`, el("span", { class: css }, text));
    this.panel.replaceChildren(
      el("div", { class: "bar-item active" }, "最新订单"), el("div", { class: "bar-item" }, "商品推荐"),
      ...thread.orders.map((order) => el("div", { class: "order-item" },
        line("订单编号", "order-sn", order.number), line("状态", "order-status", order.status), line("实收", "order-amount", `¥${order.amount}`),
        line("最晚发货", "order-ship-by", shortTime(order.ship_by, this.desk.now())), line("快递", "order-tracking", order.tracking))),
      el("div", { class: "goods-item" }, el("p", { class: "goods-name" }, thread.product.title),
        line("商品ID", "goods-id", thread.product.id), line("价格", "goods-price", `¥${thread.product.price}`)),
      el("p", { class: "panel-note" }, "店铺待支付订单不再提供聊天催付"));
  }

  askTransfer() {
    home.querySelector(".transfer-panel")?.remove();
    const panel = el("div", { class: "transfer-panel" }, el("p", {}, "转移会话"));
    for (const one of this.desk.colleagues.values()) {
      const item = el("div", { class: `transfer-cs-item ${one.presence}` }, `${one.name}（${STATES[one.presence]}）`);
      panel.append(pressed(item, () => {
        this.chosen = one.user;
        for (const other of panel.querySelectorAll(".transfer-cs-item")) other.classList.toggle("chosen", other === item);
      }));
    }
    panel.append(pressed(el("div", { class: "transfer-sure" }, "确定"), async () => {
      if (this.chosen && (await this.desk.transfer(this.chosen))) panel.remove();
    }));
    home.append(panel);
  }
}

rig(new View(document.body.dataset.shop)).then((view) => view.start());
