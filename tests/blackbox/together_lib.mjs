// What the tests of rules made together share: a node of four chambers with short periods, and a change to propose.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EX, expect, temporary, write } from './lib.mjs';

export const charterText = readFileSync('law/node/charter.json', 'utf8');
export const charterOf = (periods, change = (c) => c) => {
    const charter = JSON.parse(charterText);
    Object.assign(charter.periods, { consultation: '0s', final: '0s', vote: '100d', in_force: '0s', review: '180d' }, periods);
    return JSON.stringify(change(charter), null, 1);
};

export const PARTIES = ['--party', 'transport', '--party', 'authority:government:authority', '--party', 'acme:enterprise:company',
    '--party', 'logistics:industry:association', '--party', 'citizens:public:group', '--member', 'transport/lin', '--member', 'authority/an',
    '--member', 'acme/wu', '--member', 'logistics/qi', '--member', 'citizens/ann', '--member', 'citizens/bo'];

export function found(t, charter) {
    const folder = temporary(t), data = join(folder, 'node');
    const file = charter.startsWith('{') ? write(folder, 'charter.json', charter) : charter;
    expect(EX.OK, ['init', '--data', data, '--origin', 'test.polder.example', '--law', 'cn', '--charter', file, ...PARTIES]);
    return { folder, data };
}

export const who = { transport: 'lin', authority: 'an', acme: 'wu', logistics: 'qi', citizens: 'ann' };
export const as = (data, party, member = who[party]) => ['--data', data, '--party', party, '--member', member];
export const key = (data, party) => ['--key', join(data, 'keys', `${party}.key`)];
export const EFFECTS = ['--effects', 'individuals=harder to single out', '--effects', 'business=coarser tables', '--effects', 'public=fewer rows'];

// node/ with k raised: the page of tests has to follow, or the rules fail them.
export function raised(folder, k = 10, withTests = true) {
    const change = join(folder, `change-${k}-${withTests}`);
    mkdirSync(join(change, 'node'), { recursive: true });
    writeFileSync(join(change, 'node', 'thresholds.json'), readFileSync('law/node/thresholds.json', 'utf8').replace('"value": 5,', `"value": ${k},`));
    if (withTests)
        writeFileSync(join(change, 'node', 'CASES.md'), readFileSync('law/node/CASES.md', 'utf8').replace(/k=(5|9):measured/g, `k=${k + 5}:measured`));
    return change;
}
