// docs/reference/charter.schema.json accepts the charters that come with the program, and refuses what the program refuses.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { EX, expect, temporary, write } from './lib.mjs';

const schema = JSON.parse(readFileSync('docs/reference/charter.schema.json', 'utf8'));
let Ajv = null;
try {
    Ajv = createRequire(resolve('tests', 'package.json'))('ajv/dist/2020');
} catch {
    // npm did not answer when the peers were installed
}
const skip = Ajv ? false : 'ajv is not installed (script/bootstrap --npm)';
const files = ['law/node/charter.json', 'law/charters/notice-and-comment.json', 'law/charters/technical-committee.json'];
const charterOf = (change) => {
    const charter = JSON.parse(readFileSync(files[0], 'utf8'));
    change(charter);
    return charter;
};

// Each of them is refused by both, and the program says where.
const WRONG = [
    [(c) => { c.charter = 2; }, /version 2/],
    [(c) => { delete c.preset; }, /"preset" is missing/],
    [(c) => { c.voters = 1; }, /unknown member "voters"/],
    [(c) => { c.preset = 'Co Decision'; }, /preset: must be 1 to 64 of/],
    [(c) => { c.title = { en: 'x' }; }, /title: the member "zh" is missing/],
    [(c) => { c.chambers = []; }, /chambers: must be a list of 1 to 8/],
    [(c) => { c.chambers[0].id = 'nobility'; }, /chambers\[0\]\.id: must be one of/],
    [(c) => { c.chambers[1].weight = 0; }, /chambers\[1\]\.weight: must be a whole number from 1 to 1000/],
    [(c) => { c.chambers[1].weight = 1.5; }, /chambers\[1\]\.weight: must be a whole number/],
    [(c) => { c.chambers[2].ballot = 'acclamation'; }, /chambers\[2\]\.ballot/],
    [(c) => { c.chambers[3].quorum = { of_roll: '1/2', yes_of_root: '1' }; }, /either "of_roll" or "yes_of_root"/],
    [(c) => { c.chambers[3].quorum = { of_roll: 0.5 }; }, /chambers\[3\]\.quorum/],
    [(c) => { c.methods[0].kind = 'lot'; }, /methods\[0\]\.kind/],
    [(c) => { c.methods[0].needed = 1; }, /"needed" 1 would let one chamber adopt for all/],
    [(c) => { c.methods[0].majority = 'half'; }, /methods\[0\]\.majority/],
    [(c) => { c.methods[0].tie = 'older'; }, /methods\[0\]\.tie/],
    [(c) => { c.methods[0].chamber = 'government'; }, /"chamber" goes with the kinds/],
    [(c) => { c.methods[0].otherwise = 'ordinary'; }, /"otherwise" goes with the kind "consent"/],
    [(c) => { c.matters[1].paths = []; }, /paths: must be a list of 1 to 16/],
    [(c) => { c.matters[1].paths = ['cn/pipl.cedar']; }, /out of a charter's reach/],
    [(c) => { c.matters[1].paths = ['node/*/x*']; }, /is no path such as/],
    [(c) => { c.periods.vote = '0s'; }, /must be longer than nothing/],
    [(c) => { c.periods.final = '2 weeks'; }, /periods\.final: must be a period such as/],
    [(c) => { c.four_eyes = ['store']; }, /four_eyes: must be a list of "open" and "share"/],
    [(c) => { c.four_eyes = ['open', 'open']; }, /four_eyes: .*each once/],
    [(c) => { c.open_per_party = 0; }, /open_per_party: must be a whole number/],
];

test('the charters of the program are of the schema', { skip }, () => {
    const validate = new Ajv.default({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(schema);
    for (const file of files) assert.ok(validate(JSON.parse(readFileSync(file, 'utf8'))), `${file}: ${JSON.stringify(validate.errors)}`);
    assert.ok(validate(charterOf((c) => { c.four_eyes = ['open', 'share']; })));
    for (const [change, says] of WRONG) assert.ok(!validate(charterOf(change)), `the schema accepts what is ${says}`);
});

test('a charter that is none is refused with its place, and the schema named', (t) => {
    const folder = temporary(t);
    for (const [i, [change, says]] of WRONG.entries()) {
        const file = write(folder, `charter-${i}.json`, JSON.stringify(charterOf(change)));
        const args = ['init', '--data', join(folder, `node-${i}`), '--origin', 'x.example', '--law', 'cn', '--party', 'a', '--charter', file];
        const { err } = expect(i ? EX.DATAERR : EX.CONFIG, args);
        assert.match(err, says);
        if (i) assert.match(err, /charter\.schema\.json/);
    }
});
