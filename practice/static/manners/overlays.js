// Now and then a notice lies over the page until it is pressed away.
const LEAST = 2500, MOST = 9000;

export default (view, chance) => {
  const later = () => setTimeout(() => {
    view.cover("平台规则更新，请知悉", "我知道了");
    later();
  }, LEAST + (MOST - LEAST) * chance());
  later();
};
