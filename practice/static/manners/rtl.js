// The page runs from right to left.
export default () => {
  document.documentElement.dir = "rtl";
};
