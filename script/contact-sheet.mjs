#!/usr/bin/env node
// Makes docs/portal.jpg: every page of the portal, in English and Chinese, narrow and wide, light and dark, on one sheet.
// contact-sheet URL [NAME:PASSWORD] [OUT]: of a running server, as that member sees it. Needs what script/bootstrap --npm installs.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { chromium } = createRequire(join(root, 'tests', 'package.json'))('playwright-core');
const [url, member = '', out = join(root, 'docs', 'portal.jpg')] = process.argv.slice(2);
if (!url) {
    console.error('usage: contact-sheet URL [NAME:PASSWORD] [OUT]');
    process.exit(64);
}
const LOOKS = [['en', 1280, 'light'], ['zh', 1280, 'dark'], ['en', 320, 'dark'], ['zh', 320, 'light']];
const PAGES = { Home: '', Catalogue: '/datasets', Search: '/datasets?q=空气', Dataset: '/datasets/*', Acts: '/acts', Act: '/acts/*', Waiting: '/intents', Cases: '/cases?show=all', Case: '/cases/*', 'Raise a case': '/cases/new', Demands: '/demands', Proposals: '/proposals', Ledger: '/ledger',
    Rules: '/rules', Law: '/rules/*', Ask: '/ask?asked=1&verb=open&kind=state_organ&is_personal=true', Unlock: '/unlock', Parties: '/parties',
    Party: '/parties/*', Publish: '/publish', 'Sign in': '/sign-in', Account: '/account', Verify: 'verify' };

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const cells = [];
for (const [language, width, colorScheme] of LOOKS) {
    const context = await browser.newContext({ viewport: { width, height: Math.round(width < 600 ? width * 2 : width * 0.72) }, colorScheme,
        locale: language === 'zh' ? 'zh-CN' : 'en' });
    const page = await context.newPage();
    if (member) {
        await page.goto(`${url}/${language}/sign-in`);
        await page.fill('#name', member.split(':')[0]);
        await page.fill('#password', member.split(':')[1]);
        await page.click('main button');
    }
    for (const [title, path] of Object.entries(PAGES)) {
        let address = path === 'verify' ? `${url}/verify.html` : `${url}/${language}${path.replace('/*', '')}`;
        await page.goto(address);
        if (path.endsWith('/*')) { // the first that the list leads to
            const href = await page.locator('main a').evaluateAll((links, start) => links.map((a) => a.getAttribute('href'))
                .find((h) => h.startsWith(start) && !h.endsWith('/new')), `/${language}${path.replace('*', '')}`);
            if (!href) continue;
            await page.goto(url + href);
        }
        const image = (await page.screenshot({ type: 'jpeg', quality: 80 })).toString('base64');
        cells.push(`<figure style="width:${width < 600 ? 118 : 330}px"><img src="data:image/jpeg;base64,${image}"><figcaption>${title}, ${language}, ${width} px, ${colorScheme}</figcaption></figure>`);
    }
    await context.close();
}
const sheet = await browser.newPage({ viewport: { width: 1720, height: 1000 } });
await sheet.setContent(`<style>body{margin:20px;background:#8a949b;font:13px system-ui,sans-serif;display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start}
    figure{margin:0}img{width:100%;display:block;border-radius:3px}figcaption{color:#10181d;padding-top:3px}</style>${cells.join('')}`);
await sheet.screenshot({ path: out, fullPage: true, type: 'jpeg', quality: 50 });
await browser.close();
console.log(`${out}: ${cells.length} pages`);
