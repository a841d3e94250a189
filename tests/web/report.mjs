// Reports as pages: whoever opens one finds nothing that axe objects to, nothing that runs over the side, and nothing that a
// browser complains of, in light and in dark, wide and narrow.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { check, close, equal, given, open, overhang, violations } from "./browser.mjs";

// `reports`: names and files.
mkdirSync(given.shots, { recursive: true });
let failed = 0;
for (const [name, file] of Object.entries(given.reports)) {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 360],
    ["dark", 360],
  ]) {
    const what = `${name}, ${colorScheme}, ${width} wide`;
    try {
      const page = await open({ colorScheme, viewport: { width, height: 900 } });
      await page.goto(`file://${file}`);
      // All that can be opened is open, so that all of it is looked at.
      await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
      equal(await violations(page), [], what);
      equal(await overhang(page), 0, `what runs over the side of ${what}`);
      equal(page.complaints, [], `what the browser complains of, ${what}`);
      check((await page.title()).length > 0, "a title");
      equal(await page.locator("script, img, iframe, form").count(), 0, "what a report must not have");
      await page.screenshot({ path: join(given.shots, `report-${name}-${colorScheme}-${width}.png`), fullPage: true });
      await page.context().close();
      console.log(`ok      ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${what}: ${error.message}`);
    }
  }
}
await close();
process.exit(failed ? 1 : 0);
