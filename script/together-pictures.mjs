#!/usr/bin/env node
// Makes the pictures of docs/tutorial/together.md: the newest proposal of a running node, in both languages.
// together-pictures URL [OUT]. Needs what script/bootstrap --npm installs; the node is what together.py leaves in its folder KEEP.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { chromium } = createRequire(join(root, 'tests', 'package.json'))('playwright-core');
const [url, out = join(root, 'docs', 'tutorial', 'together')] = process.argv.slice(2);
if (!url) {
    console.error('usage: together-pictures URL [OUT]');
    process.exit(64);
}
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [language, locale] of [['en', 'en'], ['zh', 'zh-CN']]) {
    const page = await browser.newPage({ viewport: { width: 1000, height: 1500 }, locale });
    await page.goto(`${url}/${language}/proposals`);
    await page.click('.pd-list a');
    await page.waitForSelector('#vote');
    await page.screenshot({ path: join(out, `proposal-${language}.jpg`), type: 'jpeg', quality: 55 });
}
await browser.close();
