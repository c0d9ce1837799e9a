// Wrong law is refused whole, with a diagnosis at its place, and the law in force stays.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, temporary, whole } from './lib.mjs';

const LAW = new URL('../../law', import.meta.url).pathname;

const id = (name, more = '') => `@id("cn.${name}")${more}\n`;
const open = 'forbid (principal, action == Polder::Action::"open", resource)';
// What the file cn/wrong.cedar holds, and the first line of what is said.
const wrong = [
    ['a syntax error', `${id('x')}${open} when { context.f has k && };\n`,
        'cn/wrong.cedar:2:90: expected an expression, found `}`'],
    ['a nesting bomb', `${id('x')}${open} when { ${'('.repeat(100000)}1 };\n`,
        'cn/wrong.cedar:2:583: this expression nests more than 512 deep'],
    ['a huge literal', `${id('x')}${open} when { context.f has k && context.f.k > 9223372036854775808 };\n`,
        'cn/wrong.cedar:2:104: 9223372036854775808 does not fit: a Long goes from -9223372036854775808 to 9223372036854775807'],
    ['an id given twice', `${id('x')}${open};\n${id('x')}${open};\n`,
        'cn/wrong.cedar:3:1: there is a policy of id "cn.x" already, at cn/wrong.cedar:1'],
    ['an unknown fact', `${id('x')}${open} when { context.f has is_secrte && context.f.is_secrte };\n`,
        'cn/wrong.cedar:2:85: the registry knows no fact `is_secrte`: did you mean `is_secret`?'],
    ['an unknown threshold', `${id('x')}${open} when { context.t.max_supressed_percent > 1 };\n`,
        'cn/wrong.cedar:2:81: the node has no threshold `max_supressed_percent`: did you mean `max_suppressed_percent`?'],
    ['an unknown action', `${id('x')}forbid (principal, action == Polder::Action::"opne", resource);\n`,
        'cn/wrong.cedar:2:30: the schema has no action Polder::Action::"opne": did you mean `open`?'],
    ['an unknown entity type', `${id('x')}${open} when { context.f has level && context.f.level == Polder::Levle::"core" };\n`,
        'cn/wrong.cedar:2:113: the schema has no entity type `Polder::Levle`: did you mean `Polder::Level`?'],
    ['an unknown code', `${id('x')}${open} when { context.f has level && context.f.level == Polder::Level::"secret" };\n`,
        'cn/wrong.cedar:2:113: the schema has no id of its enum `secret`'],
    ['an unknown attribute', `${id('x')}${open} when { principal.knd == Polder::PartyKind::"company" };\n`,
        'cn/wrong.cedar:2:81: a principal has kind, chamber and country, and no `knd`: did you mean `kind`?'],
    ['an unknown annotation', `${id('x', '\n@artcle("1")')}${open};\n`,
        'cn/wrong.cedar:2:1: unknown annotation @artcle: did you mean `article`?'],
    ['an unknown function', `${id('x')}${open} when { context.now > datetme("2024-01-01") };\n`,
        'cn/wrong.cedar:2:85: Cedar has no function `datetme`: did you mean `datetime`?'],
    ['a date that is none', `${id('x')}${open} when { context.now > datetime("2024-02-30") };\n`,
        'cn/wrong.cedar:2:85: `datetime`: there is no such date (for Polder::Party, "open", Polder::Dataset)'],
    ['an effective date that is none', `${id('x', ' @effective("2025-02-29")')}${open};\n`,
        'cn/wrong.cedar:1:13: @effective must be a date such as 2025-08-01; not "2025-02-29"'],
    ['an obligation out of the vocabulary', `${id('x.duty', ' @obligation("notfy(authority)")')}permit (principal, action, resource);\n`,
        'cn/wrong.cedar:1:18: @obligation: there is no obligation `notfy`: did you mean `notify`?'],
    ['a parameter out of the vocabulary', `${id('x.duty', ' @obligation("notify(authority;wthin=3d)")')}permit (principal, action, resource);\n`,
        'cn/wrong.cedar:1:18: @obligation: "notify(authority;wthin=3d)": notify takes no "wthin="; it takes within: did you mean `within`?'],
    ['an exemption from what there is not', `${id('x', ' @exempts("cn.nonesuch")')}permit (principal, action, resource);\n`,
        'cn/wrong.cedar:1:13: @exempts: there is no policy `cn.nonesuch`'],
    ['a fact without a guard', `${id('x')}${open} when { context.f.k > 3 };\n`,
        'cn/wrong.cedar:2:81: `k` may be missing: guard it with `has k &&` before (for Polder::Party, "open", Polder::Dataset)'],
    ['a party that is written out', `${id('x')}${open} when { Polder::Party::"a".kind == principal.kind };\n`,
        'cn/wrong.cedar:2:90: nothing may be read from Polder::Party::"a", for it is written out: only entities that the request reaches are sure to be '
        + 'loaded (levels) (for Polder::Party, "open", Polder::Dataset)'],
];

for (const [what, text, message] of wrong)
    test(`${what} is told of at its place, and no node is founded on it`, (t) => {
        const folder = join(temporary(t), 'law'), data = join(temporary(t), 'node');
        cpSync(LAW, folder, { recursive: true });
        writeFileSync(join(folder, 'cn', 'wrong.cedar'), text);
        const { err } = expect(EX.DATAERR, ['law', 'check', folder, '--law', 'cn']);
        const [first, source, caret] = err.split('\n');
        assert.equal(first, `polder: ${message}`);
        const [, line, column] = /wrong\.cedar:(\d+):(\d+): /.exec(first).map(Number);
        const shown = text.split('\n')[line - 1];
        assert.match(caret, /^\s*\^$/);
        assert.ok(shown.includes(source.trim()), 'the source line follows');
        if (column < 80) assert.equal(caret.length, 4 + column, 'the caret stands under the place');
        const founding = ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'p', '--law-dir', folder];
        assert.ok(expect(EX.DATAERR, founding).err.includes(first.slice('polder: '.length)));
        expect(EX.NOINPUT, ['ledger', 'verify', '--data', data]);
    });

test('an exemption from a higher rank is refused, and the law in force stays', (t) => {
    const folder = join(temporary(t), 'law'), data = join(temporary(t), 'node');
    cpSync(LAW, folder, { recursive: true });
    const founding = ['init', '--data', data, '--origin', 'data.example.gov', '--law', 'cn', '--party', 'p', '--law-dir', folder];
    expect(EX.OK, founding);
    const before = expect([EX.OK, EX.NOPERM, EX.TEMPFAIL], ['law', 'decide', '--data', data, '--for', 'open', '--json']).out;
    const statute = /@id\("(cn\.[^"]+)"\)/.exec(readFileSync(join(folder, 'cn', 'pipl.cedar'), 'utf8'))[1];
    writeFileSync(join(folder, 'node', 'grab.cedar'), `@id("node.grab") @exempts("${statute}")\npermit (principal, action, resource);\n`);
    assert.equal(expect(EX.DATAERR, ['law', 'check', folder, '--law', 'cn']).err.split('\n')[0],
        `polder: node/grab.cedar:1:18: @exempts: \`${statute}\` is of higher rank and can't be set aside here`);
    expect(EX.DATAERR, ['law', 'decide', '--for', 'open', '--law-dir', folder]);
    const strip = (text) => text.replace(/"made_at": *"[^"]*"/g, '');
    assert.equal(strip(expect([EX.OK, EX.NOPERM, EX.TEMPFAIL], ['law', 'decide', '--data', data, '--for', 'open', '--json']).out), strip(before));
    whole(data);
});

test('law check takes the level at which it judges', (t) => {
    const folder = join(temporary(t), 'law');
    cpSync(LAW, folder, { recursive: true });
    expect(EX.OK, ['law', 'check', folder, '--level', '1']);
    const { err } = expect(EX.DATAERR, ['law', 'check', folder, '--level=0']);
    assert.match(err, /this reads from more entities in a row than level 0 allows: from `principal`/);
    assert.match(expect(EX.USAGE, ['law', 'check', folder, '--level', 'one']).err, /--level is a whole number from 0, such as 1; not "one"/);
});

test('a registry, a manifest and thresholds that are wrong are told of at their place', (t) => {
    const folder = join(temporary(t), 'law');
    cpSync(LAW, folder, { recursive: true });
    writeFileSync(join(folder, 'facts.json'), '{\n  "registry": 1,\n  "facts": [{"name": "x", "type": "boole"}]\n}\n');
    writeFileSync(join(folder, 'cn', 'manifest.json'), '{"manifest": 1,\n "jurisdicton": "cn"}\n');
    writeFileSync(join(folder, 'node', 'thresholds.json'), '{"thresholds": 1,\n "k": {"value": "5"}}\n');
    assert.equal(expect(EX.DATAERR, ['law', 'check', folder, '--law', 'cn']).err,
        'polder: cn/manifest.json:2:17: unknown member "jurisdicton": did you mean `jurisdiction`?\n'
        + '     "jurisdicton": "cn"}\n                    ^\n'
        + 'polder: facts.json:3:35: x: "type" is one of bool long string code; not "boole": did you mean `bool`?\n'
        + '      "facts": [{"name": "x", "type": "boole"}]\n                                      ^\n'
        + 'polder: node/thresholds.json:2:17: k: "value" must be a whole number from 0\n'
        + '     "k": {"value": "5"}}\n                    ^\n');
});
