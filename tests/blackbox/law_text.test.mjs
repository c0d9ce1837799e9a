// The texts of law as an author works on them: law format, law check.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, temporary, write } from './lib.mjs';

const LAW = new URL('../../law', import.meta.url).pathname;
const read = (file) => readFileSync(file, 'utf8');

test('law format lays a file out once, and keeps its comments', (t) => {
    const folder = temporary(t);
    const messy = write(folder, 'a.cedar', '// why\npermit(principal,action,resource)when{1<2}; // so\n');
    expect(EX.DATAERR, ['law', 'format', '--check', messy]);
    assert.equal(read(messy).split('\n').length, 3, '--check changes nothing');
    assert.match(expect(EX.OK, ['law', 'format', messy]).out, /a\.cedar: formatted/);
    assert.equal(read(messy), '// why\npermit (principal, action, resource)\nwhen { 1 < 2 }; // so\n');
    assert.equal(expect(EX.OK, ['law', 'format', messy]).out, '');
    expect(EX.OK, ['law', 'format', '--check', messy]);
});

test('law format leaves a file that does not parse as it is, and does the others', (t) => {
    const folder = temporary(t);
    const bad = write(folder, 'bad.cedar', 'permit(principal;');
    const good = write(folder, 'good.cedar', 'permit(principal,action,resource);');
    const got = expect(EX.DATAERR, ['law', 'format', bad, good]);
    assert.match(got.err, /bad\.cedar:1:17: /);
    assert.equal(read(bad), 'permit(principal;');
    assert.equal(read(good), 'permit (principal, action, resource);\n');
    expect(EX.NOINPUT, ['law', 'format', join(folder, 'absent.cedar')]);
});

test('the packs of the program are without errors, and still are when formatted', (t) => {
    const folder = temporary(t);
    cpSync(LAW, folder, { recursive: true });
    const before = JSON.parse(expect(EX.OK, ['law', 'check', folder, '--json']).out);
    assert.deepEqual(before.errors, []);
    assert.ok(before.policies > 10 && before.files > 2);
    for (const file of ['cn/pipl.cedar', 'node/base.cedar']) expect(EX.OK, ['law', 'format', join(folder, file)]);
    assert.deepEqual(JSON.parse(expect(EX.OK, ['law', 'check', folder, '--json']).out), before);
});

test('law check names every policy that does not parse, twenty in a file at most', (t) => {
    const folder = temporary(t);
    cpSync(LAW, folder, { recursive: true });
    const file = join(folder, 'cn', 'wrong.cedar');
    writeFileSync(file, 'permit(principal, action, resource) when { 1 / 2 };\n'.repeat(2)
        + 'permit(principal, action, resource);\nforbid(principal);\n');
    const got = expect(EX.DATAERR, ['law', 'check', folder]);
    for (const line of [1, 2, 4]) assert.match(got.err, new RegExp(`cn/wrong\\.cedar:${line}:`));
    assert.match(got.err, /wrong\.cedar:3:1: a policy needs an @id/, 'and what is wrong with those that do');
    writeFileSync(file, 'permit(;\n'.repeat(50));
    assert.equal(JSON.parse(expect(EX.DATAERR, ['law', 'check', folder, '--json']).out).errors.length, 20);
    rmSync(join(folder, 'cn'), { recursive: true });
    assert.match(expect(EX.OK, ['law', 'check', folder]).out, /no errors/, 'the node\'s own rules stand alone');
    expect(EX.NOINPUT, ['law', 'check', folder, '--law', 'cn']);
});

test('law check validates strictly against the schema in the folder', (t) => {
    const folder = temporary(t);
    cpSync(LAW, folder, { recursive: true });
    const rule = (id, when) => `@id("cn.${id}")\n@title("x")\n@jurisdiction("cn")\n`
        + `forbid (principal, action == Polder::Action::"open", resource) when { ${when} };\n`;
    writeFileSync(join(folder, 'cn', 'wrong.cedar'), rule('bare', 'context.f.k > 3') + rule('typed', 'context.f has k && context.f.k == "a"'));
    const got = expect(EX.DATAERR, ['law', 'check', folder]);
    assert.match(got.err, /cn\/wrong\.cedar:4:\d+: `k` may be missing/);
    assert.match(got.err, /cn\/wrong\.cedar:8:\d+: /);
    rmSync(join(folder, 'polder.cedarschema'));
    assert.equal(expect(EX.DATAERR, ['law', 'check', folder]).err, got.err, 'else by the schema of the program');
});

test('law check says what the rules as a whole refuse, and what is no folder', (t) => {
    const folder = temporary(t);
    cpSync(LAW, folder, { recursive: true });
    writeFileSync(join(folder, 'cn', 'wrong.cedar'), '@id("cn.x") @law("L") @article("1")\n'
        + 'permit(principal, action, resource) when { context.f has no_such_fact };\n');
    assert.match(expect(EX.DATAERR, ['law', 'check', folder]).err, /no_such_fact/);
    expect(EX.NOINPUT, ['law', 'check', join(folder, 'absent')]);
});
