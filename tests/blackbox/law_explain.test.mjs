// law explain: what decided, what would make it silent, what would be lawful; and one policy alone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { EX, expect, node, temporary } from './lib.mjs';
import { pack } from './law_pack.mjs';

const flat = (text) => text.replace(/\s+/g, ' ');
const open = (folder, ...more) => ['law', 'explain', '--for', 'open', '--law', 'nl', '--law-dir', folder, '--party-kind', 'company',
    '--fact', 'holds_identifiers=false@measured', '--fact', 'quasi_columns=0@measured', ...more];

test('law explain tells the piece of a condition that decided, and where it stands', (t) => {
    const folder = pack(temporary(t));
    const { out } = expect(EX.TEMPFAIL, open(folder, '--fact', 'is_personal=true@derived'));
    const text = flat(out);
    assert.match(text, /OPEN\. .* Refuses nl\.act\.1: Act on Tests, article 1 \[statute, nl\] Title of nl\.act\.1/);
    assert.match(text, /unless \{ context\.a has is_personal && !context\.a\.is_personal \} \[nl\/act\.cedar:11\]: fails, since at 11:39 `!context\.a\.is_personal` fails/);
    assert.match(text, /unless \{ .* \} \[nl\/act\.cedar:12\]: fails, since at 12:10 `context\.a has separate_consent` fails/);
    assert.match(text, /is_personal = true, derived by whoever asks/);
    assert.match(text, /separate_consent: nothing was said\. Who can say: the department/);
    assert.match(text, /Silent if the way out in line 11 or 12 held\. In line 11 only this is lacking: `!context\.a\.is_personal`\./);
    assert.match(text, /Silent if the way out in line 25 held, or the condition in line 24 did not hold, or nl\.act\.3 exempted it\./);
    assert.match(text, /nl\.act\.2: .* \(from memory: check the text of the law\)/);
});

test('law explain searches the alternative of least loss over all that refuse', (t) => {
    const folder = pack(temporary(t));
    const text = flat(expect(EX.TEMPFAIL, open(folder)).out);
    const ways = text.slice(text.indexOf('The lawful alternative'));
    assert.match(ways, /By changing the data, .*: make .*\[kanon\(quasi;k=t\.k\)\], for nl\.act\.1 leave out .*\[drop\(direct\)\], for nl\.act\.1, nl\.act\.2 By evidence/);
    assert.match(ways, /By evidence, .*\[approve\(authority\)\], for nl\.act\.2 .*\[consent\(separate\)\], for nl\.act\.1/);
    const answer = JSON.parse(expect(EX.TEMPFAIL, open(folder, '--json')).out);
    assert.deepEqual(answer.ways.change.obligations.map((o) => [o.text, o.policy]),
        [['kanon(quasi;k=t.k)', 'nl.act.1'], ['drop(direct)', 'nl.act.1, nl.act.2']], 'what is left out needs no mask');
    assert.deepEqual(answer.ways.evidence.obligations.map((o) => o.fact), ['authority_approval', 'separate_consent']);
    assert.equal(answer.ways.evidence.loss, 0);
    assert.deepEqual(answer.ways.beyond, []);
    assert.equal(answer.finding.outcome, 'open');
});

test('law explain says of a refusal without a remedy that there is none', (t) => {
    const folder = pack(temporary(t));
    const { out } = expect(EX.NOPERM, open(folder, '--fact', 'level=core@attested'));
    assert.match(flat(out), /None: node\.release\.level names no remedy/);
    assert.equal(JSON.parse(expect(EX.NOPERM, open(folder, '--fact', 'level=core@attested', '--json')).out).ways.least, null);
});

test('law explain --all accounts for policies that a fact keeps silent', (t) => {
    const folder = pack(temporary(t));
    const given = ['--fact', 'is_personal=false@attested'];
    assert.match(flat(expect(EX.OK, open(folder, ...given)).out), /PERMIT.* A fact keeps \d+ more policies silent \(--all shows them\)/);
    const text = flat(expect(EX.OK, open(folder, '--all', ...given)).out);
    assert.match(text, /Silent, and kept so by a fact.* nl\.act\.1: .* unless \{ context\.a has is_personal && !context\.a\.is_personal \} \[nl\/act\.cedar:11\]: holds, which keeps it silent/);
    assert.match(text, /nl\.act\.2\.duty: .*since at \d+:\d+ `context\.f\.is_personal` fails, which keeps it silent/);
    const { policies } = JSON.parse(expect(EX.OK, open(folder, '--all', '--json', ...given)).out);
    const silent = policies.find((p) => p.policy === 'nl.act.1');
    assert.equal(silent.speaks, false);
    assert.deepEqual([silent.clauses[0].keeps_silent, silent.clauses[0].body.state], [true, 'holds']);
    assert.deepEqual(silent.facts.map((f) => [f.fact, f.value, f.class]), [['is_personal', 'false', 'attested']]);
});

test('law explain decides by the law of the day that --as-of names', (t) => {
    const folder = pack(temporary(t));
    const spoke = (...more) => JSON.parse(expect(EX.TEMPFAIL, open(folder, '--json', ...more)).out).policies.map((p) => p.policy);
    assert.ok(spoke('--as-of', '2025-01-01').includes('nl.act.2'));
    assert.ok(!spoke('--as-of', '2024-12-31').includes('nl.act.2'));
    assert.match(expect(EX.USAGE, open(folder, '--as-of', 'yesterday')).err, /--as-of="yesterday" is no date/);
    expect(EX.USAGE, ['law', 'explain']);
});

test('law explain POLICY shows one policy with its duties, exemptions and facts', (t) => {
    const folder = pack(temporary(t));
    const one = (id) => flat(expect(EX.OK, ['law', 'explain', id, '--law-dir', folder]).out);
    assert.match(one('nl.act.2'), /^nl\.act\.2 \[nl\/act\.cedar:13\] .*@v: from memory \(check the text of the law\).*Conditions forbid \(principal.*Remedies mask.* or show that .*Is taken out of a finding by nl\.act\.3: Title of nl\.act\.3 Facts .*is_personal: .*authority_approval: .* it must be attested or derived/);
    assert.match(one('nl.act.2.duty'), /Duties keep the record for 3 years/);
    assert.match(one('nl.act.3'), /Takes out of a finding nl\.act\.2: Title of nl\.act\.2/);
    const answer = JSON.parse(expect(EX.OK, ['law', 'explain', 'nl.act.3', '--law-dir', folder, '--json']).out);
    assert.deepEqual([answer.policy, answer.file, answer.exempts, answer.exempted_by], ['nl.act.3', 'nl/act.cedar', ['nl.act.2'], []]);
    assert.deepEqual(answer.facts.map((f) => f.fact), ['is_aggregate']);
    assert.match(answer.text, /^@id\("nl\.act\.3"\)[^]*;$/);
    assert.match(expect(EX.NOINPUT, ['law', 'explain', 'nl.act.22', '--law-dir', folder]).err, /no policy "nl\.act\.22"; did you mean "nl\.act\.2"/);
    expect(EX.USAGE, ['law', 'explain', 'nl.act.2', '--for', 'open', '--law-dir', folder]);
    assert.match(expect(EX.OK, ['law', 'explain', 'eu.gdpr.6']).out, /^eu\.gdpr\.6 /, 'its pack is found by its id');
});

test('law explain asks the rules in force at a node', (t) => {
    const { data } = node(t);
    assert.match(expect(EX.TEMPFAIL, ['law', 'explain', '--for', 'open', '--data', data]).out, /cn\.pipl\.25/);
    assert.match(expect(EX.OK, ['law', 'explain', 'cn.pipl.25', '--data', data]).out, /article: 25/);
    expect(EX.NOINPUT, ['law', 'explain', '--for', 'open', '--data', join(data, 'absent')]);
});
