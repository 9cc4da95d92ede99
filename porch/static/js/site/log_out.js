/** What is kept in this browser of a person goes when they log out here. Loaded whole only when somebody does. */

/** Milliseconds for it; logging out does not wait for longer. */
const PATIENCE = 2000;

export function setUpLogOut() {
  const place = document.getElementById("unsent");
  if (place) void import("./leaving.js").then(({ warn }) => warn(place)).catch(() => {});
  for (const form of document.querySelectorAll("form[data-ends]")) {
    if (form instanceof HTMLFormElement) form.addEventListener("submit", (event) => { event.preventDefault(); void logOut(form); });
  }
}

/** @param {HTMLFormElement} form */
async function logOut(form) {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const leaving = import("./leaving.js").then(({ leave }) => leave(form)).catch(() => {});
  // A question that stands in between leads to the form again.
  if (await Promise.race([leaving, patience]) !== "asked") form.submit();
}
