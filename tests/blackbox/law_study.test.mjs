// Packs against their own pages: law test (CASES.md) and law coverage (ROWS.md).
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, temporary } from './lib.mjs';
import { LAW, pack } from './law_pack.mjs';

const CASES = '| policy | speaks at | with the facts | silent at | with the facts |\n| --- | --- | --- | --- | --- |\n';
const WHOLE = `${CASES}| nl.act.1 | open by agency | | | is_personal=false:attested |
| nl.act.2 | open by agency | | as of 2024-12-31 | |
| nl.act.2.duty | open by agency | | | is_personal=false:attested |
| nl.act.3 | open by agency | is_aggregate=true:attested | | |
`;
const cases = (file, text) => writeFileSync(join(file, 'nl', 'CASES.md'), text);

test('every case of the packs of the program comes out as its row says', () => {
    const got = JSON.parse(expect(EX.OK, ['law', 'test', LAW, '--json']).out);
    assert.deepEqual([got.failed, got.flaws], [0, []]);
    const packs = readdirSync(LAW).filter((name) => existsSync(join(LAW, name, 'manifest.json')) && name !== 'node');
    const count = (name) => readFileSync(join(LAW, name, 'CASES.md'), 'utf8').split('\n')
        .filter((line) => line.startsWith(`| ${name}.`)).length;
    assert.equal(got.packs, packs.length);
    assert.equal(got.rows, packs.reduce((sum, name) => sum + count(name), 0) + packs.length * count('node'));
    assert.ok(got.passed > got.rows, 'most rows have two sides');
});

test('law test passes on a pack whose rows hold, as of past dates too', (t) => {
    const folder = pack(temporary(t), { 'CASES.md': WHOLE });
    assert.match(expect(EX.OK, ['law', 'test', folder]).out, /^1 packs, \d+ policies, \d+ rows\n\d+ passed, 0 failed\n$/);
    expect(EX.OK, ['law', 'test', folder, '--law', 'nl']);
    expect(EX.NOINPUT, ['law', 'test', folder, '--law', 'cn']);
});

test('law test names each row that comes out otherwise, with what was expected and what was found', (t) => {
    const folder = pack(temporary(t));
    cases(folder, WHOLE.replace('2024-12-31 | |', '2025-01-01 | |').replace('open by agency | is_aggregate=true:attested', 'use by agency | '));
    const { out } = expect(EX.DATAERR, ['law', 'test', folder]);
    const text = out.replace(/\s+/g, ' ');
    assert.match(text, /nl\/CASES\.md:4: nl\.act\.2 was to keep silent at "as of 2025-01-01" without facts, as of 2025-01-01, but speaks; the finding: open\./);
    assert.match(text, /nl\/CASES\.md:6: nl\.act\.3 was to speak at "use by agency" without facts, as of 2026-06-01, but keeps silent/);
    assert.match(out, /passed, 2 failed\n$/);
    const { flaws, failed } = JSON.parse(expect(EX.DATAERR, ['law', 'test', folder, '--json']).out);
    assert.equal(failed, 2);
    assert.deepEqual(flaws.map((f) => [f.where, f.policy]), [['nl/CASES.md:4', 'nl.act.2'], ['nl/CASES.md:6', 'nl.act.3']]);
});

test('law test says which clause kept a policy silent that was to speak', (t) => {
    const folder = pack(temporary(t));
    cases(folder, WHOLE.replace('open by agency | | | is_personal=false', 'open by agency | is_personal=false:attested | | is_personal=false'));
    const { out } = expect(EX.DATAERR, ['law', 'test', folder]);
    assert.match(out.replace(/\s+/g, ' '), /nl\/CASES\.md:3: nl\.act\.1 was to speak .* Kept silent at nl\/act\.cedar:11: unless \{ context\.a has is_personal && !context\.a\.is_personal \}\./);
});

test('law test names each policy without a case in which it speaks and one in which it is silent', (t) => {
    const folder = pack(temporary(t));
    cases(folder, `${CASES}| nl.act.1 | open by agency | | - | |\n| nl.act.2 | - | | use by agency | |\n| nl.act.3 | - | | open by agency | |\n`
        + '| nl.act.3 | open by group | is_aggregate=true:attested | - | |\n');
    const { flaws } = JSON.parse(expect(EX.DATAERR, ['law', 'test', folder, '--json']).out);
    assert.deepEqual(flaws.map((f) => [f.policy, f.what]), [['nl.act.1', 'has no row in which it is silent'],
        ['nl.act.2', 'has no row in which it speaks'], ['nl.act.2.duty', 'has no row at all']]);
    assert.match(flaws[1].where, /^nl\/act\.cedar:\d+$/);
    rmSync(join(folder, 'nl', 'CASES.md'));
    assert.match(expect(EX.DATAERR, ['law', 'test', folder]).out, /nl\/CASES\.md/);
});

test('law test says where a page of cases is wrong, and still tries the node\'s', (t) => {
    const folder = pack(temporary(t));
    cases(folder, `${CASES}| nl.act.1 | opne by agency | | | |\n`);
    const { out } = expect(EX.DATAERR, ['law', 'test', folder]);
    assert.match(out, /^nl\/CASES\.md:3:14: unknown verb "opne"; did you mean "open"\?\n.*\n\s+\^/);
    assert.doesNotMatch(out, /node\/CASES/);
    cases(folder, 'no table');
    assert.match(expect(EX.DATAERR, ['law', 'test', folder]).out, /nl\/CASES\.md: there is no table with the columns/);
    expect(EX.NOINPUT, ['law', 'test', join(folder, 'absent')]);
});

const ROWS = '| row | law, article | stage | status | policies | why none |\n| --- | --- | --- | --- | --- | --- |\n';
const COVERED = `${ROWS}| nl.act.1 | Act 1 | open | verified: T | nl.act.1 | |
| nl.act.2 | Act 2 | open | from memory | nl.act.2 nl.act.2.duty nl.act.3 | |
| nl.act.9 | Act 9 | all | verified: T | | It binds parliament |
`;

test('law coverage counts rows with and without a policy, and says why', (t) => {
    const folder = pack(temporary(t), { 'ROWS.md': COVERED });
    const { out } = expect(EX.OK, ['law', 'coverage', folder]);
    assert.match(out, /nl +3 +2 +1 +1 +4\n/);
    assert.match(out, /nl\.act\.9, Act 9: It binds parliament/);
    const [answer] = JSON.parse(expect(EX.OK, ['law', 'coverage', folder, '--json']).out).packs;
    assert.deepEqual([answer.pack, answer.with_policy, answer.without, answer.from_memory, answer.policies, answer.errors], ['nl', 2, 1, 1, 4, []]);
    assert.deepEqual(answer.rows[1].policies, ['nl.act.2', 'nl.act.2.duty', 'nl.act.3']);
    assert.equal(expect(EX.OK, ['law', 'coverage', folder, '--markdown']).out,
        '| pack | rows | with a policy | without | from memory | policies |\n| --- | ---: | ---: | ---: | ---: | ---: |\n'
        + '| nl | 3 | 2 | 1 | 1 | 4 |\n\n| row without a policy | law, article | why none |\n| --- | --- | --- |\n'
        + '| nl.act.9 | Act 9 | It binds parliament |\n');
});

test('law coverage refuses what does not fit the policies', (t) => {
    const folder = pack(temporary(t));
    const of = (text) => {
        writeFileSync(join(folder, 'nl', 'ROWS.md'), text);
        return expect(EX.DATAERR, ['law', 'coverage', folder]).out;
    };
    assert.match(of(COVERED.replace('nl.act.3 |', 'nl.act.33 |')), /nl\/ROWS\.md:4:3: nl\.act\.2: there is no policy "nl\.act\.33"; did you mean\s+"nl\.act\.3"/);
    assert.match(of(COVERED.replace('nl.act.3 |', 'nl.act.33 |')), /no row names the policy nl\.act\.3/);
    assert.match(of(COVERED.replace('It binds parliament', '')), /nl\/ROWS\.md:5:3: nl\.act\.9 has neither a policy nor a reason/);
    assert.match(of(COVERED.replace('nl.act.9', 'nl.act.1')), /nl\/ROWS\.md:5:3: nl\.act\.1 stands in line 3 already/);
    writeFileSync(join(folder, 'nl', 'ROWS.md'), `${ROWS}| one | two |\n`);
    assert.match(expect(EX.DATAERR, ['law', 'coverage', folder]).err, /nl\/ROWS\.md:3:1: a row has 6 cells/);
    rmSync(join(folder, 'nl', 'ROWS.md'));
    expect(EX.NOINPUT, ['law', 'coverage', folder]);
    expect(EX.USAGE, ['law', 'coverage', folder, '--json', '--markdown']);
});

test('the coverage that docs/law.md states is what the packs of the program have', (t) => {
    const covered = readdirSync(LAW).filter((name) => existsSync(join(LAW, name, 'ROWS.md'))).sort();
    if (covered.length === 0) return t.skip('no pack has a ROWS.md yet');
    const { out } = expect(EX.OK, ['law', 'coverage', LAW, '--law', covered.join(','), '--markdown']);
    const manual = readFileSync(new URL('../../docs/law.md', import.meta.url), 'utf8');
    const between = /<!-- polder law coverage law --markdown: begin -->\n([^]*?)<!-- polder law coverage law --markdown: end -->/.exec(manual);
    assert.ok(between, 'docs/law.md has the two comments');
    assert.equal(between[1].trim(), out.trim());
});
