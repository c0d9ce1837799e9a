// law diff: what two laws have apart, layout and comments aside.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, temporary } from './lib.mjs';
import { LAW, STATUTE, pack } from './law_pack.mjs';

const flat = (text) => text.replace(/\s+/g, ' ');
const edit = (file, change) => writeFileSync(file, change(readFileSync(file, 'utf8')));

function twice(t, change = (text) => text) {
    const around = temporary(t);
    return [pack(around, {}, 'old'), pack(around, { 'act.cedar': change(STATUTE) }, 'new')];
}
const diff = (...args) => expect(EX.OK, ['law', 'diff', ...args]).out;

test('what is only written otherwise is no difference', (t) => {
    const [before, after] = twice(t, (text) => `// why\n${text.replaceAll('\nunless', '  // so\n\n\n  unless').replace('context.a.is_personal', '(context["a"].is_personal)')}`);
    assert.match(diff(before, after), /^No difference: both decide alike, layout and comments aside\.\n$/);
    assert.deepEqual(JSON.parse(diff(before, after, '--json')).changes, []);
    expect(EX.OK, ['law', 'format', join(after, 'nl', 'act.cedar')]);
    assert.match(diff(before, after), /^No difference/);
    rmSync(join(after, 'nl', 'act.cedar'));
    writeFileSync(join(after, 'nl', 'moved.cedar'), STATUTE);
    assert.match(diff(before, after), /^No difference/, 'another file of the pack');
});

test('law diff tells of each policy what changed, one by one', (t) => {
    const [before, after] = twice(t, (text) => text
        .replace('@effective("2025-01-01")', '@effective("2026-01-01")\n@expires("2030-01-01")')
        .replace('record(keep=3y)', 'record(keep=5y)')
        .replace('unless { context.a has separate_consent && context.a.separate_consent };', 'unless { context.a has consent && context.a.consent };')
        .replace('@exempts("nl.act.2")', '@exempts("nl.act.1 nl.act.2")')
        .replace(/@id\("nl\.act\.2\.duty"\)/, '@id("nl.act.4.duty")'));
    const text = flat(diff(before, after));
    assert.match(text, /policy changed: nl\.act\.1 \[nl\/act\.cedar:1\] - unless \{ context\.a has separate_consent && context\.a\.separate_consent \} \+ unless \{ context\.a has consent && context\.a\.consent \} policy/);
    assert.match(text, /policy changed: nl\.act\.2 \[nl\/act\.cedar:\d+\] - @effective: 2025-01-01 \+ @effective: 2026-01-01 \+ @expires: 2030-01-01/);
    assert.match(text, /policy removed: nl\.act\.2\.duty .*policy changed: nl\.act\.3 .* - @exempts: nl\.act\.2 \+ @exempts: nl\.act\.1 nl\.act\.2 policy added: nl\.act\.4\.duty/);
    assert.match(text, /1 added, 1 removed, 3 changed $/);
    const { changes } = JSON.parse(diff(before, after, '--json'));
    assert.deepEqual(changes.map((c) => [c.noun, c.change, c.id]), [['policy', 'changed', 'nl.act.1'], ['policy', 'changed', 'nl.act.2'],
        ['policy', 'removed', 'nl.act.2.duty'], ['policy', 'changed', 'nl.act.3'], ['policy', 'added', 'nl.act.4.duty']]);
    assert.deepEqual(changes[1].differences, [{ what: '@effective', before: '2025-01-01', after: '2026-01-01' }, { what: '@expires', before: '', after: '2030-01-01' }]);
});

test('law diff tells effects, scopes, thresholds, facts and whole packs', (t) => {
    const [before, after] = twice(t, (text) => text.replace('forbid (principal, action == Polder::Action::"open", resource)', 'forbid (principal, action in Polder::Action::"disclose", resource)'));
    edit(join(after, 'node', 'thresholds.json'), (text) => text.replace('"value": 5', '"value": 11'));
    edit(join(after, 'facts.json'), (text) => text.replace('"accepts": ["declared", "attested", "derived"], "accepts_false": ["attested"]', '"accepts": ["attested", "derived"], "accepts_false": ["attested"]'));
    cpSync(join(LAW, 'de'), join(after, 'de'), { recursive: true });
    const text = flat(diff(before, after));
    assert.match(text, /^pack added: de policy added: de\./);
    assert.match(text, /policy changed: nl\.act\.1 .* - action: == Polder::Action::"open" \+ action: in Polder::Action::"disclose"/);
    assert.match(text, /threshold changed: k - value: 5 \+ value: 11/);
    assert.match(text, /fact changed: is_personal - accepts: declared attested derived \+ accepts: attested derived/);
    assert.doesNotMatch(flat(diff(before, after, '--law', 'nl')), /\bde\b/);
});

test('law diff compares a folder with the rules in force at a node', (t) => {
    const { folder, data } = node(t);
    const law = join(folder, 'law');
    cpSync(LAW, law, { recursive: true });
    assert.match(diff(law, '--data', data), /^No difference/);
    edit(join(law, 'cn', 'pipl.cedar'), (text) => text.replace('@article("25")', '@article("25a")'));
    assert.match(flat(diff(law, '--data', data)), /^policy changed: cn\.pipl\.25 \[cn\/pipl\.cedar:\d+\] - @article: 25 \+ @article: 25a 0 added, 0 removed, 1 changed $/);
    assert.match(flat(diff(law, 'in-force', '--data', data)), / - @article: 25a \+ @article: 25 /);
    assert.match(diff('in-force', 'in-force', '--data', data), /^No difference/);
});

test('law diff refuses what it can not compare', (t) => {
    const [before, after] = twice(t);
    expect(EX.NOINPUT, ['law', 'diff', before, join(after, 'absent')]);
    assert.match(expect(EX.USAGE, ['law', 'diff', before]).err, /the rules in force are those of a node: --data=DIR/);
    expect(EX.USAGE, ['law', 'diff', before, after, '--data', before]);
    writeFileSync(join(after, 'nl', 'act.cedar'), 'permit(principal;');
    assert.match(expect(EX.DATAERR, ['law', 'diff', before, after]).err, /the rules in ".*new": nl\/act\.cedar:1:17:/);
});
