// Checks a dossier (docs/reference/dossier.md) without Polder: node dossier.mjs FILE [--key VKEY-OR-FILE]
//
// Shares no code with Polder. Signatures, hashes and commitments by WebCrypto; the finding is decided again by cedar-wasm, the
// reference implementation of the policy language. --key is the verifier key of the node's public log, from somewhere else than
// the dossier; without it the dossier's own is taken, and the answer says so.
//
// RFC 8785 (canonical JSON), RFC 9162 2.1.3.2 (inclusion), C2SP signed-note and tlog-checkpoint.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What doesn't hold: `part` is the name of the part of the dossier. */
export class Refused extends Error {
    constructor(part, why) {
        super(`${part}: ${why}`);
        this.part = part;
    }
}
const demand = (holds, part, why) => {
    if (!holds) throw new Refused(part, why);
};
const same = (a, b) => canonical(a) === canonical(b);

// ---- Bytes, hashes, canonical JSON

const subtle = (globalThis.crypto ?? (await import('node:crypto')).webcrypto).subtle;
const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (b) => parseInt(b, 16));
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
function unbase64(text, part) {
    const bytes = /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) : [];
    demand(base64(bytes) === text, part, 'not the one base64 of its bytes');
    return bytes;
}
const join = (...parts) => Uint8Array.from(parts.flatMap((p) => [...p]));
const sha256 = async (...parts) => new Uint8Array(await subtle.digest('SHA-256', join(...parts)));

export function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    return `{${Object.keys(value).sort().map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`).join(',')}}`;
}

// ---- Signed notes

async function parseKey(text, part) {
    const [, name, id, key] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text ?? '') ?? [];
    demand(name, part, 'not a verifier key (NAME+ID+KEY)');
    const bytes = unbase64(key, part);
    demand(bytes.length === 33 && bytes[0] === 1, part, 'not an Ed25519 key');
    demand(hex((await sha256(utf8(`${name}\n`), bytes)).subarray(0, 4)) === id, part, 'the id of the key is not its own');
    return { name, id, public: await subtle.importKey('raw', bytes.subarray(1), { name: 'Ed25519' }, false, ['verify']) };
}

/** The text of a note that one of the keys signed; signatures by others (witnesses) are passed over. */
async function openNote(note, keys, part) {
    demand(typeof note === 'string', part, 'no signed note');
    const cut = note.lastIndexOf('\n\n');
    demand(cut > 0 && note.endsWith('\n'), part, 'no signed note');
    const text = note.slice(0, cut + 1);
    let isSigned = false;
    for (const line of note.slice(cut + 2, -1).split('\n')) {
        const [, name, signature] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
        demand(name, part, 'a signature line is damaged');
        const bytes = unbase64(signature, part);
        const key = keys.find((k) => k.name === name && k.id === hex(bytes.subarray(0, 4)));
        if (!key) continue;
        demand(await subtle.verify({ name: 'Ed25519' }, key.public, bytes.subarray(4), utf8(text)), part, 'the signature does not hold');
        isSigned = true;
    }
    demand(isSigned, part, `not signed by ${keys[0].name}`);
    return text;
}

// ---- The tree

/** The hash of the entry, which the path leads from to the root. */
async function climb(entry, index, path, { size, root }, part) {
    demand(Number.isSafeInteger(index) && index >= 0 && index < size, part, 'its tree has no leaf of that index');
    const leaf = await sha256(Uint8Array.of(0), utf8(entry));
    let hash = leaf, fn = BigInt(index), sn = BigInt(size) - 1n;
    for (const text of path) {
        const p = unbase64(text, part);
        demand(sn !== 0n && p.length === 32, part, 'the path is too long');
        if (fn % 2n === 1n || fn === sn) {
            hash = await sha256(Uint8Array.of(1), p, hash);
            while (fn % 2n === 0n && fn !== 0n) { fn /= 2n; sn /= 2n; }
        } else {
            hash = await sha256(Uint8Array.of(1), hash, p);
        }
        fn /= 2n;
        sn /= 2n;
    }
    demand(sn === 0n && base64(hash) === root, part, 'its path does not lead to the signed root');
    return leaf;
}

/** The lines of a promise: a note by itself, or with the path to the signed root of those that were promised together. */
async function openReceipt(receipt, keys, part) {
    const [, promise, index, path, note] = /^(polder-receipt\/v2\n(?:.+\n)*?)index (0|[1-9]\d{0,3})\n((?:.+\n)*)\n([^]*)$/.exec(receipt) ?? [];
    const lines = (await openNote(note ?? receipt, keys, part)).split('\n');
    demand(lines[0] === (promise ? 'polder-promises/v1' : 'polder-receipt/v1'), part, 'what is signed is no promise');
    if (!promise) return lines.slice(1);
    demand(lines.length === 4 && /^[1-9]\d{0,3}$/.test(lines[1]), part, 'what it is signed with is no root of promises');
    await climb(promise, Number(index), path.split('\n').slice(0, -1), { size: Number(lines[1]), root: lines[2] }, part);
    return promise.split('\n').slice(1);
}

/** Logs whose checkpoints hold. The public log's key is given; a shard's is vouched for by the node's signature. */
async function openLogs(d, publicKey) {
    const logs = {};
    for (const [origin, log] of Object.entries(d.logs)) {
        const part = `logs ${origin}`;
        demand(same(Object.keys(log).sort(), ['checkpoint', 'vkey']), part, 'a member is missing or too many');
        const key = await parseKey(log.vkey, part);
        const isPublic = origin === `${d.origin}/public`;
        demand(key.name === origin && (isPublic || origin.startsWith(`${d.origin}/restricted`)), part, 'the key is of another log');
        demand(!isPublic || log.vkey === publicKey, part, 'the key is not the one given for the public log');
        const lines = (await openNote(log.checkpoint, [key], part)).split('\n');
        demand(lines[0] === origin && /^(0|[1-9]\d*)$/.test(lines[1]) && unbase64(lines[2], part).length === 32, part, 'no checkpoint of this log');
        logs[origin] = { isPublic, size: Number(lines[1]), root: lines[2] };
    }
    return logs;
}

async function openLeaves(d, logs) {
    const leaves = new Map();
    for (const entry of d.leaves) {
        const part = `leaf ${entry.act}`;
        demand(same(Object.keys(entry).sort(), ['act', 'index', 'leaf', 'log', 'proof']), part, 'a member is missing or too many');
        demand(logs[entry.log], part, 'its log is not in the dossier');
        const hash = await climb(canonical(entry.leaf), entry.index, entry.proof, logs[entry.log], part);
        demand(entry.leaf.act === entry.act && !leaves.has(entry.act), part, 'the leaf is of another act');
        leaves.set(entry.act, { ...entry, hash, isPublic: logs[entry.log].isPublic });
    }
    demand(Object.keys(logs).every((o) => d.leaves.some((l) => l.log === o)), 'logs', 'a log is there of which there is no leaf');
    const wanted = [d.act, d.charter_by, d.rules_by, ...d.keys_by];
    demand(wanted.every((id) => leaves.has(id)) && leaves.size === new Set(wanted).size, 'leaves', 'a leaf is missing or too many');
    return leaves;
}

// ---- Commitments

async function commitment(salt, act, field, value) {
    const part = (text) => {
        const bytes = utf8(text), length = new Uint8Array(4);
        new DataView(length.buffer).setUint32(0, bytes.length);
        return join(length, bytes);
    };
    demand(typeof salt === 'string' && /^[0-9a-f]{64}$/.test(salt), `opened ${field}`, 'the salt is not 32 bytes in hex');
    const key = await subtle.importKey('raw', unhex(salt), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return hex(new Uint8Array(await subtle.sign('HMAC', key, join(part(act), part(field), part(canonical(value))))));
}

async function checkCommitments(d, leaf) {
    const committed = leaf.commitments ?? {};
    for (const [field, { salt, value, ...rest }] of Object.entries(d.opened)) {
        demand(Object.keys(rest).length === 0, `opened ${field}`, 'a member too many');
        demand(await commitment(salt, d.act, field, value) === committed[field], `opened ${field}`, 'not what the leaf commits to');
    }
    const closed = Object.keys(committed).filter((f) => !(f in d.opened));
    demand(same([...d.closed].sort(), closed.sort()), 'closed', 'not the fields that stay closed');
    demand(d.opened.facts, 'opened facts', 'the case is not opened');
    demand(d.for === 'audit' || (!d.opened.member && !d.opened.recipient && !d.evidence.length && !d.attestations.length), 'for',
        'a dossier for the public opens what only an auditor may see');
}

/** Facts with their evidence, as far as it is opened. */
async function checkEvidence(d, facts) {
    const opened = new Map();
    for (const { fact, by, salt, value, ...rest } of d.evidence) {
        const part = `evidence ${fact}`;
        const of = facts.filter((f) => f.name === fact && f.by === by && f.evidence);
        const hashes = await Promise.all(of.map(() => commitment(salt, d.act, 'evidence', value)));
        const at = of.findIndex((f, i) => f.evidence === hashes[i] && !opened.has(f));
        demand(at >= 0 && Object.keys(rest).length === 0, part, 'not the evidence that the fact rests on');
        opened.set(of[at], value);
    }
    demand(d.for !== 'audit' || facts.every((f) => !f.evidence || opened.has(f)), 'evidence', 'that of a fact is missing');
    return opened;
}

const SIGNED_WITH_PLAN = 'signature of the plan';

async function checkAttestations(d, facts, evidence, keysOf) {
    const attested = new Set();
    for (const a of d.attestations) {
        const part = `attestation ${a.fact}`;
        const fact = facts.find((f) => f.name === a.fact && f.by === a.party && f.class === 'attested' &&
            f.at.slice(0, 19) === a.time.slice(0, 19) && String(f.value) === a.value && evidence.get(f) === a.evidence);
        demand(fact, part, 'no fact of the case is attested so');
        demand((a.expires === 'never') === (fact.expires === undefined) && (fact.expires ?? a.expires).slice(0, 19) === a.expires.slice(0, 19),
            part, 'the fact expires at another time');
        const keys = keysOf(`party/${a.party}`, d.charter.founders.find((p) => p.id === a.party)?.key);
        const text = `polder-attestation/v1\nintent ${a.intent}\nfact ${a.fact}\nvalue ${a.value}\nevidence ${hex(await sha256(utf8(a.evidence)))}\n` +
            `time ${a.time}\nexpires ${a.expires}\n`;
        const tried = await Promise.all(keys.map(async (k) => subtle.verify({ name: 'Ed25519' }, (await parseKey(k, part)).public, unbase64(a.signature, part), utf8(text))));
        demand(tried.includes(true), part, 'the party did not sign it');
        attested.add(fact);
    }
    for (const f of facts)
        demand(d.for !== 'audit' || f.class !== 'attested' || f.refused || evidence.get(f) === SIGNED_WITH_PLAN || attested.has(f),
            `attestation ${f.name}`, 'missing');
}

// ---- Deciding again

const GROUPS = { collect: 'handle process', store: 'handle process', use: 'handle process', delete: 'process', share: 'disclose handle process',
    open: 'disclose handle process', transfer: 'disclose handle process', request_access: '' };
const groupsOf = (verb) => (GROUPS[verb] ?? 'govern').split(' ').filter(Boolean);
const entity = (type, id) => ({ __entity: { type: `Polder::${type}`, id } });

function load(name) {
    try {
        return createRequire(import.meta.url)(`${name}/nodejs`);
    } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND') throw error;
        return null;
    }
}
const cedar = load('cedar-wasm-4.13') ?? load('@cedar-policy/cedar-wasm');

/** The policies of the rules in their order, those in force at the moment, with what their annotations say. */
function readPolicies(rules, now) {
    const policies = [];
    for (const path of Object.keys(rules).filter((p) => p.endsWith('.cedar')).sort()) {
        const manifest = JSON.parse(rules[path.replace(/[^/]*$/, 'manifest.json')]);
        const parts = cedar.policySetTextToParts(rules[path]);
        demand(parts.type === 'success' && parts.policy_templates.length === 0, `rules ${path}`, 'can\'t be read');
        const inText = [...rules[path].matchAll(/@id\("([^"]*)"\)/g)].map((m) => m[1]);
        const read = parts.policies.map((text) => {
            const got = cedar.policyToJson(text);
            demand(got.type === 'success', `rules ${path}`, 'can\'t be read');
            return { text, effect: got.json.effect, a: got.json.annotations ?? {}, manifest };
        });
        read.sort((x, y) => inText.indexOf(x.a.id) - inText.indexOf(y.a.id));
        policies.push(...read);
    }
    return policies.filter(({ a }) => (!a.effective || Date.parse(a.effective) <= now) && (!a.expires || now < Date.parse(a.expires)));
}

/** The facts that enter: registered, of an accepted class, of the type, not expired, not refused. */
function enter(facts, registry, now) {
    const strength = ['declared', 'derived', 'attested', 'measured'], chosen = new Map();
    for (const f of facts) {
        const kind = registry.get(f.name);
        const accepts = kind && kind.type === 'bool' && f.value === false ? kind.accepts_false ?? kind.accepts : kind?.accepts;
        const type = { bool: 'bool', long: 'long' }[kind?.type] ?? 'string';
        if (f.refused || !accepts?.includes(f.class) || f.type !== type || (kind.codes && !kind.codes.includes(f.value))) continue;
        if (f.expires && Date.parse(f.expires) <= now) continue;
        const old = chosen.get(f.name), order = old ? strength.indexOf(f.class) - strength.indexOf(old.class) : 1;
        if (order > 0 || (order === 0 && f.at >= old.at)) chosen.set(f.name, f);
    }
    return chosen;
}

const valueOf = (f, kind) => kind.code_type ? entity(kind.code_type, f.value) : kind.type === 'long' ? Number(f.value) : f.value;
const attributes = (p) => ({ kind: entity('PartyKind', p.kind), ...(p.chamber && { chamber: entity('Chamber', p.chamber) }),
    ...(p.country && { country: p.country }) });

function requestOf(c, member, chosen, registry, thresholds) {
    const record = (facts) => Object.fromEntries(facts.map((f) => [f.name, valueOf(f, registry.get(f.name))]));
    const all = [...chosen.values()];
    const at = c.now.replace(/(\.\d{3})\d*Z$/, '$1Z');
    return { principal: { type: 'Polder::Party', id: c.party.id }, action: { type: 'Polder::Action', id: c.verb },
        resource: { type: `Polder::${c.resource_type}`, id: c.resource },
        context: { f: record(all), a: record(all.filter((f) => f.class === 'attested' || f.class === 'derived')), t: thresholds,
            now: { __extn: { fn: 'datetime', arg: at } }, ...(member && { member: entity('Member', member) }),
            ...(c.recipient && { recipient: entity('Party', c.recipient.id) }) } };
}

function entitiesOf(c) {
    const party = (p) => ({ uid: { type: 'Polder::Party', id: p.id }, attrs: attributes(p), parents: [] });
    return [party(c.party), ...(c.recipient && c.recipient.id !== c.party.id ? [party(c.recipient)] : []),
        { uid: { type: 'Polder::Action', id: c.verb }, attrs: {}, parents: groupsOf(c.verb).map((id) => ({ type: 'Polder::Action', id })) }];
}

/** Which of these are satisfied, and which can't be evaluated. */
function ask(policies, request, entities) {
    const got = cedar.isAuthorized({ ...request, entities,
        policies: { staticPolicies: Object.fromEntries(policies.map((p) => [p.a.id, p.text])), templates: {}, templateLinks: [] } });
    demand(got.type === 'success', 'opened facts', `the case can't be put to the law: ${got.errors?.[0]?.message}`);
    return { satisfied: new Set(got.response.diagnostics.reason), erring: new Set(got.response.diagnostics.errors.map((e) => e.policyId)) };
}

/** The stance of each policy. Permits in a first call, since only what determines an answer is reported. */
function hear(policies, request, entities) {
    const byEffect = (effect) => ask(policies.filter((p) => p.effect === effect), request, entities);
    const [permits, forbids] = [byEffect('permit'), byEffect('forbid')];
    const satisfied = new Set([...permits.satisfied, ...forbids.satisfied]), erring = new Set([...permits.erring, ...forbids.erring]);
    const exempters = policies.filter((p) => p.a.exempts && satisfied.has(p.a.id));
    const exemptedBy = (id) => exempters.filter((e) => e.a.exempts.split(' ').includes(id) && exemptedBy(e.a.id).length === 0).map((e) => e.a.id);
    const stands = (p) => satisfied.has(p.a.id) && exemptedBy(p.a.id).length === 0;
    return { satisfied, erring, exemptedBy, stands };
}

// What evidences an obligation (docs/law.md): kind, its word, the fact; a third part is the value that the fact must have.
const EVIDENCE = `approve:authority:authority_approval approve:head:head_approval approve:provider:provider_agrees
    assess:compatibility:compatibility_assessed assess:interoperability:interoperability_assessment assess:pia:impact_assessment
    assess:risk:risk_assessment assess:secrecy:secrecy_review assess:security:security_assessment certificate:export:export_gateway=certification
    consent::consent consent:explicit:explicit_consent consent:guardian:guardian_consent consent:separate:separate_consent
    consult:authority:authority_consulted consult:third_party:third_party_consent contract::contract
    contract:standard:export_gateway=standard_contract encrypt::encrypted localise:*:store_country notice::notice_given
    notice:before:notice_given officer::officer_named register:catalogue:catalogue_complete review:conditions:conditions_met
    review:human:human_review secure_env::secure_environment`.split(/\s+/).map((row) => row.split(':'));

function parseDuty(text, thresholds) {
    const [, kind, inside] = /^([a-z_]+)(?:\((.*)\))?$/.exec(text);
    const words = [], keys = {};
    for (const part of (inside ?? '').split(';').map((x) => x.trim()).filter(Boolean)) {
        const [key, value] = part.split('=').map((x) => x.trim());
        if (value === undefined) words.push(part);
        else keys[key] = value.startsWith('t.') ? String(thresholds[value.slice(2)]) : value;
    }
    return { kind, word: words[0] ?? '', keys };
}

const STRICTER = { within: -1, every: -1, keep: 1, k: 1 };

/** The stricter of two duties of one kind; undefined: they stand side by side. */
function stricter(a, b) {
    if (a.kind !== b.kind || a.word !== b.word) return undefined;
    let aWins = false, bWins = Object.keys(b.keys).some((k) => !(k in a.keys));
    for (const [key, x] of Object.entries(a.keys)) {
        const y = b.keys[key];
        if (y === undefined) { aWins = true; continue; }
        if (x === y) continue;
        const [, m, mUnit] = /^(\d+)(.*)$/.exec(x) ?? [], [, n, nUnit] = /^(\d+)(.*)$/.exec(y) ?? [];
        if (!STRICTER[key] || m === undefined || n === undefined || mUnit !== nUnit) return undefined;
        const order = (Number(m) - Number(n)) * STRICTER[key];
        if (order > 0) aWins = true;
        if (order < 0) bWins = true;
    }
    return aWins && bWins ? undefined : bWins ? b : a;
}

function duties(policies, stands, chosen, thresholds) {
    const merged = [];
    for (const p of policies.filter((x) => x.a.obligation && stands(x)))
        for (const text of p.a.obligation.split('+').map((t) => t.trim())) {
            const duty = { ...parseDuty(text, thresholds), text, policy: p.a.id };
            const at = merged.findIndex((m) => stricter(m, duty));
            if (at < 0) merged.push(duty);
            else merged[at] = stricter(merged[at], duty);
        }
    return merged.map(({ kind, word, text, policy }) => {
        const [, , evidence] = EVIDENCE.find(([k, w]) => k === kind && (w === word || w === '*')) ?? [];
        if (!evidence) return { text, policy };
        const [name, wanted = word] = evidence.split('='), fact = chosen.get(name);
        return { text, policy, discharged: fact ? (fact.type === 'bool' ? fact.value : fact.value === wanted) : false };
    });
}

/** One forbid, and what could be supplied: does it cease under some supply of the missing facts that are named for it? */
function couldCease(policy, d, ctx) {
    const named = d.finding.missing.filter((m) => m.policy === policy.a.id ||
        ctx.policies.some((e) => e.a.id === m.policy && e.a.exempts?.split(' ').includes(policy.a.id))).map((m) => m.fact);
    const names = [...new Set(named)].slice(0, 6);
    const supplies = names.map((name) => {
        const kind = ctx.registry.get(name);
        const values = kind.type === 'bool' ? [true, false] : kind.type === 'long' ? [0, 1, 1000000] : kind.codes ?? ['CN', 'EU', 'x'];
        return [null, ...values.map((value) => ({ name, value, class: kind.accepts.includes('attested') ? 'attested' : 'declared',
            type: { bool: 'bool', long: 'long' }[kind.type] ?? 'string', at: ctx.c.now }))];
    });
    const combine = (i, given) => {
        if (i === supplies.length) {
            const chosen = enter([...ctx.facts, ...given], ctx.registry, ctx.now);
            const { stands } = hear([policy, ...ctx.policies.filter((e) => e.a.exempts)], requestOf(ctx.c, ctx.member, chosen, ctx.registry, ctx.thresholds), ctx.entities);
            return !stands(policy);
        }
        return supplies[i].some((s) => combine(i + 1, s ? [...given, s] : given));
    };
    return names.length > 0 && combine(0, []);
}

const ROLES = ['forbids', 'permits', 'duty', 'exempts', 'errs'];

function voiceOf(p, h) {
    const role = h.erring.has(p.a.id) ? 'errs' : p.effect === 'forbid' ? 'forbids' : p.a.id.endsWith('.duty') ? 'duty' : p.a.exempts ? 'exempts' : 'permits';
    return { id: p.a.id, role, rank: p.manifest.rank, jurisdiction: p.manifest.jurisdiction, law: p.a.law ?? '', article: p.a.article ?? '',
        title: { en: p.a.title ?? '', zh: p.a.title_zh ?? '' }, source: p.a.source ?? '', verified: p.a.v ?? '' };
}

function decideAgain(d, facts) {
    demand(cedar, 'finding', 'cedar-wasm is not installed (script/bootstrap --npm)');
    const { case: c } = d.opened.facts.value, now = Date.parse(c.now);
    const registry = new Map(JSON.parse(d.rules['facts.json']).facts.map((f) => [f.name, f]));
    const thresholds = Object.fromEntries(Object.entries(JSON.parse(d.rules['node/thresholds.json'])).filter(([k]) => k !== 'thresholds')
        .map(([k, v]) => [k, v.value]));
    const policies = readPolicies(d.rules, now), chosen = enter(facts, registry, now);
    const member = d.opened.member?.value, entities = entitiesOf(c);
    const h = hear(policies, requestOf(c, member, chosen, registry, thresholds), entities);
    const spoke = policies.filter((p) => h.satisfied.has(p.a.id) || h.erring.has(p.a.id)).map((p) => [p, voiceOf(p, h)]);
    const wanted = ROLES.flatMap((role) => spoke.filter(([, v]) => v.role === role).map(([, v]) => v));
    demand(same(d.finding.voices.map((v) => v.id), wanted.map((v) => v.id)), 'finding', 'other policies speak when it is decided again');
    d.finding.voices.forEach(({ exempted_by: by, ...voice }, i) => {
        demand(same(voice, wanted[i]), `finding ${voice.id}`, 'it says of the policy what the rules don\'t');
        const exempters = h.exemptedBy(voice.id);
        demand(by === undefined ? exempters.length === 0 : exempters.includes(by), `finding ${voice.id}`, 'it is exempted otherwise');
    });
    const against = policies.filter((p) => p.effect === 'forbid' && h.stands(p));
    const permits = wanted.filter((v, i) => v.role === 'permits' && !d.finding.voices[i].exempted_by);
    const isPermit = h.erring.size === 0 && permits.length > 0 && against.length === 0;
    demand(isPermit === (d.finding.outcome === 'permit'), 'finding', `decided again it is ${isPermit ? 'a permit' : 'no permit'}`);
    const owed = d.finding.outcome === 'deny' ? [] : duties(policies, h.stands, chosen, thresholds);
    demand(same(d.finding.obligations, owed), 'finding', 'other duties follow when it is decided again');
    const isOpen = d.finding.outcome === 'open', ctx = { c, now, facts, registry, thresholds, policies, member, entities };
    demand(isOpen || d.finding.missing.length === 0, 'finding', 'only what is open misses facts');
    for (const m of d.finding.missing)
        demand(registry.has(m.fact) && (chosen.get(m.fact)?.class ?? 'declared') === 'declared' && policies.some((p) => p.a.id === m.policy && p.text.includes(m.fact)), 'finding',
            `${m.fact} is not what ${m.policy} misses`);
    demand(!isOpen || against.every((p) => couldCease(p, d, ctx)), 'finding', 'what is named as missing would not open it');
    return { chosen, policies: policies.length };
}

// ---- The whole

const MEMBERS = ['act', 'attestations', 'charter', 'charter_by', 'closed', 'evidence', 'finding', 'for', 'keys_by', 'leaves', 'logs', 'made_at', 'opened',
    'origin', 'receipt', 'rules', 'rules_by', 'version'];

function checkCase(d, leaf) {
    const { case: c } = d.opened.facts.value;
    demand(c.party.id === leaf.party, 'opened facts', 'the case is of another party than the leaf');
    demand(`${c.now.slice(0, 16)}Z` <= leaf.time, 'opened facts', 'the finding is later than the act');
    const isOwn = !['deny', 'intend', 'decide', 'answer', 'revoke', 'register'].includes(leaf.verb);
    demand(!isOwn || c.verb === leaf.verb, 'opened facts', 'the case is of another verb than the leaf');
    const founder = d.charter.founders.find((p) => p.id === c.party.id);
    demand(!founder || ['kind', 'chamber', 'country'].every((k) => founder[k] === c.party[k]), 'opened facts', 'the party is not as the charter says');
    const voices = d.finding.voices.filter((v) => !v.exempted_by).map((v) => v.id);
    demand((leaf.articles ?? []).slice(-64).every((id) => voices.includes(id)) &&
        voices.slice(0, 64).every((id) => leaf.articles?.includes(id)), 'finding', 'the leaf names other policies');
    const { outcome } = d.finding, open = d.finding.obligations.filter((o) => o.discharged === false);
    demand(leaf.outcome !== 'permit' || (outcome === 'permit' && open.length === 0), 'finding', 'the act took effect without a permit');
    demand(leaf.verb !== 'deny' || outcome === 'deny', 'finding', 'the leaf says that it was denied');
    demand(leaf.verb !== 'intend' || outcome !== 'deny', 'finding', 'the leaf says that it was left open');
}

// ---- Attacks

/** Wilson's interval at 95 %. */
function interval(rate, n) {
    const z2 = 1.959963984540054 ** 2, middle = (rate + z2 / (2 * n)) / (1 + z2 / n);
    const half = Math.sqrt(z2) / (1 + z2 / n) * Math.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n));
    return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

const percent = (attacks) => attacks.length ? Math.ceil(Math.max(...attacks.map((a) => a.risk)) * 100 - 1e-9) : undefined;

/** The figures of each attack follow from its counts, and the facts that the law was told of are the worst of them. */
export function checkAttacks(d, leaf, chosen) {
    const said = d.opened.facts.value, near = (a, b) => Math.abs(a - b) < 1e-9;
    const told = [said.attacks_before, said.attacks_after].map((t) => t?.attacks ?? []);
    for (const a of told.flat()) {
        const rate = a.attempts ? Math.min(1, a.hits / a.attempts) : 0, [low, high] = a.attempts ? interval(rate, a.attempts) : [0, 1];
        const risk = rate > a.baseline && a.baseline < 1 ? (rate - a.baseline) / (1 - a.baseline) : 0;
        demand(near(a.rate, rate) && near(a.low, low) && near(a.high, high), `attack ${a.attack}`, 'its rate is not what was counted');
        demand(near(a.risk, risk), `attack ${a.attack}`, 'its gain does not follow from rate and baseline');
        demand(a.certain <= a.attempts && a.hits <= a.attempts * (1 + 1e-9), `attack ${a.attack}`, 'more are right than were tried');
        demand(a.attack !== 'singling_out' || near(a.baseline, 1 / a.attempts), 'attack singling_out', 'another baseline than one row of the table');
    }
    const after = told[1].length && leaf.verb === 'open' ? [told[1]] : told;
    for (const [name, is] of [['attack_percent', (a) => a.of !== undefined], ['linkage_percent', (a) => a.attack === 'linkage']]) {
        const fact = chosen.get(name), worst = after.map((t) => percent(t.filter(is)));
        demand(fact === undefined || worst.includes(Number(fact.value)), `fact ${name}`, 'not the worst of the attacks that were tried');
    }
    return told.flat().length;
}

/** Throws Refused; else tells what the dossier proves. `key`: the public log's verifier key, from elsewhere. */
export async function verifyDossier(text, { key } = {}) {
    let file;
    try {
        file = JSON.parse(text);
    } catch {
        throw new Refused('file', 'no JSON');
    }
    demand(canonical(file) === text.replace(/\n$/, ''), 'file', 'not canonical JSON');
    demand(same(Object.keys(file ?? {}).sort(), ['dossier', 'signature']), 'file', 'a member is missing or too many');
    const d = file.dossier;
    try {
        demand(same(Object.keys(d).sort(), MEMBERS) && d.version === 1, 'file', 'not a dossier of version 1');
        demand(d.for === 'public' || d.for === 'audit', 'for', 'neither for the public nor for audit');
        const publicKey = key ?? d.logs[`${d.origin}/public`]?.vkey;
        const logs = await openLogs(d, publicKey), leaves = await openLeaves(d, logs);
        const act = leaves.get(d.act), founding = leaves.get(d.charter_by), enacted = leaves.get(d.rules_by);
        demand(d.for === 'audit' || act.isPublic, 'for', 'the act is not public');
        demand(founding.isPublic && founding.leaf.verb === 'init' && founding.index === 0, 'charter', 'no act founded the node so');
        demand(hex(await sha256(utf8(canonical(d.charter)))) === founding.leaf.hashes.charter, 'charter', 'not the one of act 0');
        const later = d.keys_by.map((id) => leaves.get(id)).filter((l) => l.isPublic && ['create_key', 'rotate_key'].includes(l.leaf.verb)).map((l) => l.leaf.vkey);
        const keysOf = (name, first) => [first, ...later.filter((k) => k?.startsWith(`${d.origin}/${name}+`))].filter(Boolean);
        demand(later.length === d.keys_by.length && keysOf('public', d.charter.keys.public).includes(publicKey), 'charter', 'it names another key of the public log');
        const rules = hex(await sha256(utf8(canonical(d.rules))));
        demand(rules === act.leaf.hashes.rules, 'rules', 'not those that the act was decided by');
        demand(enacted.isPublic && ['init', 'enact'].includes(enacted.leaf.verb) && enacted.leaf.hashes.rules === rules && enacted.leaf.time <= act.leaf.time,
            'rules', 'no act brought them into force');
        const receipts = await Promise.all(keysOf('receipts', d.charter.keys.receipts).map((k) => parseKey(k, 'charter')));
        const receipt = await openReceipt(d.receipt, receipts, 'receipt');
        const { leaf } = act;
        demand(same(receipt.slice(0, 4), [`act ${d.act}`, `${leaf.verb} ${leaf.outcome}`, `log ${act.log}`, `leaf ${base64(act.hash)}`]) &&
            `${receipt[4].slice(5, 21)}Z` === leaf.time && receipt.length === 6, 'receipt', 'it promises something else');
        await checkCommitments(d, leaf);
        const { facts } = d.opened.facts.value;
        await checkAttestations(d, facts, await checkEvidence(d, facts), keysOf);
        const again = decideAgain(d, facts);
        checkCase(d, leaf);
        const attacks = checkAttacks(d, leaf, again.chosen);
        const signed = (await openNote(file.signature, receipts, 'signature')).split('\n');
        demand(same(signed, ['polder-dossier/v1', `act ${d.act}`, `sha256 ${hex(await sha256(utf8(canonical(d))))}`, `time ${d.made_at}`, '']), 'signature',
            'the node signed another dossier');
        return { act: d.act, verb: leaf.verb, outcome: d.finding.outcome, log: act.log, index: act.index, size: logs[act.log].size, facts: again.chosen.size, attacks,
            policies: again.policies, for: d.for, isKeyGiven: key !== undefined, key: publicKey };
    } catch (error) {
        if (error instanceof Refused) throw error;
        throw new Refused('file', `not of the form of a dossier (${error.message})`);
    }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [file, option, given] = process.argv.slice(2);
    const read = (path) => readFileSync(path, 'utf8');
    const key = option === '--key' ? (given.includes('+') ? given : read(given)).trim() : undefined;
    try {
        const r = await verifyDossier(read(file), { key });
        console.log(`proven: ${r.verb} ${r.act}, leaf ${r.index} of the ${r.size} of ${r.log}; ${r.policies} policies on ${r.facts} facts find again: ${r.outcome}`);
        if (!r.isKeyGiven) console.log(`by the dossier's own key, which you should compare with one from elsewhere:\n  ${r.key}`);
    } catch (error) {
        if (!(error instanceof Refused)) throw error;
        console.error(`not proven: ${error.message}`);
        process.exitCode = 1;
    }
}
