// At every change the whole list is built anew: no row outlives it.
export default ({ list }) => {
  const draw = list.draw.bind(list);
  list.draw = () => {
    list.forget();
    draw();
  };
};
