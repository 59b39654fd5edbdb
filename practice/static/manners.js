// Bad manners laid over a view before it starts: each is a script of its own that knows the desk and the list only.
const SCRIPTS = [
  "untrusted", "wholesale", "badges", "slow", "lost", "swallowed", "overlays", "polled", "rtl", "drafting", "dead",
];

// Chance that repeats: numbers from 0 to 1 that follow from a name. A page that is loaded anew goes on where it was:
// else the same press would be lost after each loading, for ever.
const throws = (name) => {
  const first = Array.from(name).reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) >>> 0, 7);
  return () => {
    const state = Number(sessionStorage.getItem(name) ?? first);
    const next = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    sessionStorage.setItem(name, next);
    return next / 2 ** 32;
  };
};

export const rig = async (view) => {
  const asked = document.body.dataset.manners.split(",");
  for (const name of SCRIPTS.filter((one) => asked.includes(one))) {
    const script = await import(`/static/manners/${name}.js`);
    script.default(view, throws(`${view.desk.shop} ${name}`));
  }
  return view;
};
