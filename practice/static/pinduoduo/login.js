// Two ways in; the form shows only once its tab is pressed.
const [byCode, byName] = document.querySelectorAll(".login-tab > div");
const show = (form) => {
  document.querySelector("#login-form").hidden = !form;
  document.querySelector(".qr-box").hidden = form;
  byName.classList.toggle("active", form);
  byCode.classList.toggle("active", !form);
};
byCode.addEventListener("click", () => show(false));
byName.addEventListener("click", () => show(true));
