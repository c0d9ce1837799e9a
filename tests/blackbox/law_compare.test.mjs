// law compare: one act under several laws, side by side; each cell names its article.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, temporary } from './lib.mjs';
import { MANIFEST, pack, policy } from './law_pack.mjs';

// A second law beside that of law_pack.mjs, and a third, in which only the country of the recipient counts.
function laws(t) {
    const folder = pack(temporary(t));
    const add = (name, text) => {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'manifest.json'), MANIFEST(name));
        writeFileSync(join(folder, name, 'act.cedar'), text);
    };
    add('be', policy('be.act.7', '@remedy("none")', 'forbid (principal, action == Polder::Action::"open", resource)\n'
        + 'when { context.f has level && context.f.level == Polder::Level::"core" };'));
    add('fr', policy('fr.act.8', '@remedy("none")', 'forbid (principal, action, resource)\n'
        + 'unless { context has recipient && context.recipient has country && context.recipient.country == "FR" };'));
    return folder;
}
const ask = (folder, packs, ...more) => ['law', 'compare', ...packs, '--law-dir', folder, '--for', 'open', '--party-kind', 'company',
    '--fact', 'holds_identifiers=false@measured', '--fact', 'quasi_columns=0@measured', ...more];
const flat = (text) => text.replace(/\s+/g, ' ');
// The cells of one row of the Markdown table, by the row's label.
const row = (markdown, label) => markdown.split('\n').find((line) => line.startsWith(`| ${label} |`))
    ?.split(/(?<!\\)\|/).slice(2, -1).map((cell) => cell.trim());

test('law compare sets the findings of several laws side by side', (t) => {
    const folder = laws(t);
    const { out } = expect(EX.OK, ask(folder, ['nl', 'be']));
    const [titles, first] = out.split('\n');
    assert.match(titles, /^ +nl +be$/);
    assert.match(first, /^Outcome +OPEN\. .* PERMIT\. /);
    assert.ok(out.split('\n').every((line) => line.length <= 100 && !line.endsWith(' ')));
    assert.match(flat(out), /Missing .*separate_consent, of the/);
    assert.ok(!out.includes('Exempted'), 'rows without any answer are left out');
});

test('each cell names its article, and what stands from memory is marked as elsewhere', (t) => {
    const folder = laws(t);
    const { out } = expect(EX.OK, ask(folder, ['nl', 'be'], '--markdown', '--fact', 'level=core@attested'));
    assert.equal(out.split('\n')[0], '| | nl | be |');
    assert.match(row(out, 'Outcome')[1], /^DENY\. Refused by be\.act\.7, node\.release\.level\.$/);
    assert.match(row(out, 'Refuse')[0], /nl\.act\.2: Act on Tests, article 2 \[statute, nl\] \(from memory: check the text of the law\)/);
    assert.match(row(out, 'Refuse')[1], /^be\.act\.7: Act on Tests, article 7 \[statute, be\]<br>node\.release\.level: /);
    for (const label of ['Refuse', 'Permit', 'By both'])
        for (const cell of row(out, label))
            for (const line of cell.split('<br>')) assert.match(line, /(nl|be)\.act\.\d|node\.[a-z.]+/, `${label}: ${line}`);
    const open = expect(EX.OK, ask(folder, ['nl', 'be'], '--markdown')).out;
    assert.match(row(open, 'Missing')[0], /authority_approval, of the competent authority, for nl\.act\.2 \(article 2\) \(from memory: check the text of the law\)/);
    assert.match(row(open, 'Duties')[0], /keep the record for 3 years, for nl\.act\.2\.duty \(article 2\)/);
    assert.match(row(open, 'By change')[0], /leave out .* for nl\.act\.1 \(article 1\), nl\.act\.2/);
    assert.equal(row(open, 'Missing')[1], '');
    const exempted = expect(EX.OK, ask(folder, ['nl', 'be'], '--markdown', '--fact', 'is_aggregate=true@attested')).out;
    assert.match(row(exempted, 'Exempted')[0], /^nl\.act\.2: .*, exempted by nl\.act\.3 \(article 3\)$/);
});

test('under each law the parties are in its own country, unless it is said where', (t) => {
    const folder = laws(t);
    const outcomes = (...more) => JSON.parse(expect(EX.OK, ['law', 'compare', 'fr', 'be', '--law-dir', folder, '--for', 'share',
        '--recipient-kind', 'agency', '--party-kind', 'agency', '--fact', 'holds_identifiers=false@measured', '--json', ...more]).out)
        .packs.map((p) => [p.pack, p.country, p.finding.outcome]);
    assert.deepEqual(outcomes(), [['fr', 'FR', 'permit'], ['be', 'BE', 'permit']]);
    assert.deepEqual(outcomes('--home', 'fr=DE'), [['fr', 'DE', 'deny'], ['be', 'BE', 'permit']]);
    assert.deepEqual(outcomes('--recipient-country', 'US'), [['fr', 'FR', 'deny'], ['be', 'BE', 'permit']]);
    assert.match(expect(EX.USAGE, ask(folder, ['nl', 'be'], '--home', 'nl')).err, /--home="nl": it is PACK=CODE/);
});

test('many laws come in blocks that fit the page', (t) => {
    const folder = laws(t);
    for (const name of ['it', 'es', 'pt']) {
        cpSync(join(folder, 'be'), join(folder, name), { recursive: true });
        writeFileSync(join(folder, name, 'manifest.json'), MANIFEST(name));
        writeFileSync(join(folder, name, 'act.cedar'), policy(`${name}.act.1`, '@remedy("none")', 'forbid (principal, action, resource);'));
    }
    const { out } = expect(EX.OK, ask(folder, ['it', 'es', 'pt', 'be', 'nl']));
    assert.deepEqual(out.split('\n').filter((line) => /^ +(it|be) /.test(line)).map((line) => line.trim().split(/ +/)), [['it', 'es', 'pt'], ['be', 'nl']]);
    assert.ok(out.split('\n').every((line) => line.length <= 100));
});

test('law compare refuses what it can not ask', (t) => {
    const folder = laws(t);
    expect(EX.USAGE, ['law', 'compare', 'nl', '--law-dir', folder, '--for', 'open']);
    assert.match(expect(EX.USAGE, ['law', 'compare', 'nl', 'be', '--law-dir', folder]).err, /--for is missing/);
    expect(EX.NOINPUT, ask(folder, ['nl', 'xx']));
    expect(EX.DATAERR, ask(folder, ['nl', 'be'], '--fact', 'nonsense=true'));
    expect(EX.USAGE, ask(folder, ['nl', 'be'], '--json', '--markdown'));
    assert.match(expect(EX.OK, ['law', 'compare', 'cn', 'eu', '--for', 'open']).out, /cn\.pipl\.25[^]*eu\.gdpr/, 'the packs in the program');
});
