// Lets the author of a pack point at things: a bar says what is wanted, a press chooses and does not reach the page.
// The bar stands in the top frame alone; every frame catches presses. What is wanted is known outside the page.
(() => {
  const describe = __DESCRIBE__;
  const tell = (what, more = {}) => window.__nightdesk_point?.({ what, ...more });
  const PRESSES = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick", "auxclick", "contextmenu", "touchstart", "touchend"];
  const isTop = window === window.top;
  let catching = true, chosen = null, bar = null, frame = null;

  const element = (tag, styles, text = "") => {
    const el = document.createElement(tag);
    el.textContent = text;
    Object.assign(el.style, styles);
    return el;
  };
  const TOP = { position: "fixed", zIndex: "2147483647", font: "14px/1.6 sans-serif", boxSizing: "border-box" };
  const host = (styles) => {
    const el = element("div", { all: "initial", ...TOP, ...styles });
    el.setAttribute("data-nightdesk-bar", "");
    return el;
  };
  const outline = (el) => {
    frame ??= host({ pointerEvents: "none", border: "3px solid #e5484d", background: "#e5484d22" });
    if (!el) return frame.remove();
    const { left, top, width, height } = el.getBoundingClientRect();
    Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    document.documentElement.append(frame);
  };
  const choose = (el, direct) => {
    chosen = el;
    outline(el);
    tell("chosen", { page: describe({ element: el }), direct });
  };
  const listen = (event) => {
    if (!event.isTrusted || event.composedPath().some((el) => el === bar?.host)) return;
    if (!catching) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type !== "pointerdown") return;
    // A button that is out of order gets no click: the place tells what is meant.
    const el = document.elementFromPoint(event.clientX, event.clientY);
    if (el && el !== document.documentElement) choose(el, true);
  };
  for (const type of PRESSES) window.addEventListener(type, listen, { capture: true, passive: false });

  // --- the bar ---------------------------------------------------------------------------------------------
  const button = (name, label) => {
    const el = element("button", { all: "revert", margin: "0 4px", font: "inherit", cursor: "pointer" }, label);
    el.addEventListener("click", (event) => {
      event.stopPropagation();
      if (event.isTrusted) tell(name);
    });
    return el;
  };
  const build = () => {
    const box = host({ left: "50%", transform: "translateX(-50%)", width: "min(760px, 96vw)" });
    const inner = box.attachShadow({ mode: "open" });
    const face = element("div", { padding: "10px 14px", background: "#1f2329", color: "#fff", borderRadius: "8px", textAlign: "center" });
    const said = element("div", {});
    const seen = element("div", { color: "#ffd7a8", overflowWrap: "anywhere" });
    const buttons = {
      take: button("take", "就是它"), wider: button("wider", "外一层"), skip: button("skip", "跳过"),
      pass: button("pass", "让点击通过"), back: button("back", "重做上一步"),
    };
    const aside = element("button", { all: "revert", margin: "0 4px", font: "inherit", cursor: "pointer" }, "挪开");
    aside.addEventListener("click", () => place(!bar.high));
    face.append(said, seen, ...Object.values(buttons), aside);
    inner.append(face);
    bar = { host: box, said, seen, buttons, high: false };
  };
  // What is wanted may lie under the bar.
  const place = (high) => {
    bar.high = high;
    Object.assign(bar.host.style, high ? { top: "12px", bottom: "" } : { top: "", bottom: "12px" });
  };
  const show = ({ text, seen, passing, act, optional, picked, high }) => {
    catching = !passing;
    if (!picked) outline(chosen = null);
    if (!isTop) return;
    if (!bar) build();
    if (bar.said.textContent !== text) place(high);
    bar.said.textContent = text;
    bar.seen.textContent = seen;
    bar.buttons.take.textContent = act ? "好了，继续" : "就是它";
    bar.buttons.pass.textContent = passing ? "继续指认" : "让点击通过";
    bar.buttons.take.disabled = !act && !picked;
    bar.buttons.wider.disabled = !picked;
    bar.buttons.skip.disabled = !optional;
    bar.buttons.pass.disabled = act;
    if (bar.host.parentNode !== document.documentElement) document.documentElement.append(bar.host);
  };
  // A page that draws itself anew as a whole would lose the bar.
  const stay = () => {
    if (bar && bar.host.parentNode !== document.documentElement) document.documentElement.append(bar.host);
  };
  const begin = () => {
    if (isTop) new MutationObserver(stay).observe(document.documentElement, { childList: true });
    tell("ready");
  };
  const outer = (levels) => {
    let el = chosen;
    for (let level = 0; el && level < levels && el.parentElement && el.parentElement !== document.documentElement; level++) {
      el = el.parentElement;
    }
    if (el) choose(el, false);
  };
  Object.defineProperty(window, "__nightdesk_pointer", { value: { show, outer } });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
