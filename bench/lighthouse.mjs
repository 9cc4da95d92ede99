/** Runs Lighthouse. Arguments: the site's address, a room's path, the token of one of its members, how many runs. */

import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const [url, room, token, runs] = process.argv.slice(2);
const WANTED = 95;

const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let low = false;
try {
  for (const { name, path, cookie } of [{ name: "/", path: "/" }, { name: "a room", path: room, cookie: token }]) {
    const results = [];
    for (let run = 0; run < Number(runs); run += 1) results.push(await measure(path, cookie));
    report(name, results);
  }
} finally {
  await browser.close();
}
process.exitCode = low ? 1 : 0;

/** One run in a browser profile of its own: nothing is kept from the run before. */
async function measure(path, cookie) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  if (cookie) await context.setCookie({ name: "porch", value: cookie, domain: new URL(url).hostname, path: "/", httpOnly: true, sameSite: "Lax" });
  const { lhr } = await lighthouse(url + path, { disableStorageReset: true, logLevel: "error" }, undefined, page);
  await context.close();
  return lhr;
}

function report(name, results) {
  const [first] = results;
  const scores = Object.entries(first.categories).map(([id, { title }]) => {
    const score = Math.round(median(results.map((one) => one.categories[id].score)) * 100);
    low ||= score < WANTED;
    return `${title} ${score}`;
  });
  console.log(`${name}: ${scores.join(", ")}`);
  const measured = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index", "total-byte-weight"];
  console.log(`  ${measured.map((id) => `${first.audits[id].title} ${first.audits[id].displayValue}`).join(", ")}`);
  for (const { title, auditRefs } of Object.values(first.categories)) {
    for (const { id, weight } of auditRefs) {
      const { score, title: what, details } = first.audits[id];
      if (weight > 0 && score !== null && score < 0.9) console.log(`  ${title}: ${id}: ${what} ${JSON.stringify(details?.items?.slice(0, 3) ?? "").slice(0, 300)}`);
    }
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
