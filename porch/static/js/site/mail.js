/** The mail address as a link: it is written so that programs which gather addresses get it wrong. */

export function setUpMail() {
  for (const place of document.querySelectorAll("[data-mail]")) {
    for (const decoy of place.querySelectorAll("[hidden]")) decoy.remove();
    const address = place.textContent?.trim() ?? "";
    const link = document.createElement("a");
    link.className = place.className;
    link.href = `mailto:${address}`;
    link.textContent = address;
    place.replaceWith(link);
  }
}
