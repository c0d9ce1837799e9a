// Makes cases of Cedar at random: policies, entities and a request, mostly well typed, around the
// edges of the language. The same seed and number give the same case.

// xorshift128 from two 32-bit halves: what matters is that it is the same everywhere.
export class Random {
    constructor(seed, nth) {
        this.state = [seed >>> 0, nth >>> 0, 0x9e3779b9, 0x7f4a7c15];
        for (let i = 0; i < 16; i++) this.next();
    }

    next() {
        let [x, y, z, w] = this.state;
        const t = x ^ (x << 11);
        [x, y, z] = [y, z, w];
        w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
        this.state = [x, y, z, w];
        return w;
    }

    below(n) { return this.next() % n; }
    chance(p) { return this.next() / 2 ** 32 < p; }
    pick(list) { return list[this.below(list.length)]; }
    several(most, make) { return Array.from({ length: this.below(most + 1) }, make); }
}

// What the entities and the context hold; validation is asked under the same.
export const schema = `
entity Team in [Team] {name: String, lead?: User} tags Long;
entity User in [Team] {
    age: Long, name: String, nick?: String, boss?: User, active: Bool, at: ipaddr, score: decimal,
    born: datetime, leave: duration, langs: Set<String>, nums: Set<Long>, friends: Set<User>,
    home: {city: String, zip?: Long, flat?: {no: Long}}
} tags String;
namespace Org {
    entity Level enum ["low", "high"];
    entity Folder in [Folder] {owner: User};
    entity Doc in [Folder] {owner: User, size: Long, level: Level, meta?: {x?: Long, "odd key"?: String}};
}
type Context = {n: Long, f?: {p?: Bool}, by: User, at: datetime, "odd key"?: String};
action any;
action view in [any];
action read, write in [view] appliesTo {
    principal: [User, Team], resource: [Org::Doc, Org::Folder], context: Context};
action edit in [any] appliesTo {principal: User, resource: Org::Doc, context: Context};
`;

const SHAPES = {
    Team: { name: 'string', 'lead?': 'User' },
    User: { age: 'long', name: 'string', 'nick?': 'string', 'boss?': 'User', active: 'bool', at: 'ip',
        score: 'decimal', born: 'datetime', leave: 'duration', langs: 'set string', nums: 'set long',
        friends: 'set User', home: 'home' },
    'Org::Folder': { owner: 'User' },
    'Org::Doc': { owner: 'User', size: 'long', level: 'Org::Level', 'meta?': 'meta' },
    'Org::Level': {},
    home: { city: 'string', 'zip?': 'long', 'flat?': 'flat' },
    flat: { no: 'long' },
    meta: { 'x?': 'long', 'odd key?': 'string' },
    context: { n: 'long', 'f?': 'flags', by: 'User', at: 'datetime', 'odd key?': 'string' },
    flags: { 'p?': 'bool' },
};
const TAGS = { Team: 'long', User: 'string' };
const ENTITIES = ['Team', 'User', 'Org::Folder', 'Org::Doc'];
const RECORDS = ['home', 'flat', 'meta', 'context', 'flags'];
const SCALARS = ['bool', 'long', 'string', 'decimal', 'ip', 'datetime', 'duration'];
const IDS = { 'Org::Level': ['low', 'high'] };
const idsOf = (type) => IDS[type] ?? ['a', 'b', 'c'];
const ACTIONS = ['any', 'view', 'read', 'write', 'edit'];

// ---- Literals

const STRINGS = ['', 'a', 'ab', 'abc', 'a*b', 'A', '数据', 'é', '\u{1f600}', '"', '\\', 'x\ty', '\0', 'line\nbreak', '*', "'"];
const SMALL = ['0', '1', '-1', '2', '3', '7', '42', '-5', '100', '9007199254740991'];
const LONGS = [...SMALL, '9223372036854775807', '-9223372036854775808',
    '9223372036854775806', '4611686018427387904', '3037000500', '-9223372036854775807'];
const EXTENSIONS = {
    decimal: ['1.50', '1.5', '0.0', '-0.0001', '922337203685477.5807', '-922337203685477.5808', '12.3456', '-3.14',
        '1', '.5', '1.', '1.23456', '922337203685477.5808', 'x', ''],
    ip: ['127.0.0.1', '10.0.0.0/8', '10.1.2.3', '10.1.2.3/32', '0.0.0.0/0', '224.0.0.1', '::1', '::/0', 'ff02::1', '2001:db8::/32',
        '2001:db8::7', '::ffff:1', '1:2:3:4:5:6:7:8', '010.0.0.1', '1.2.3', '1.2.3.4/33', '::ffff:1.2.3.4', '1::2::3', 'x', ''],
    datetime: ['2024-01-01', '1970-01-01', '1969-12-31T23:59:59Z', '2024-02-29', '2024-01-01T10:20:30.123Z',
        '2024-01-01T10:20:30+0800', '2024-01-01T10:20:30.999-2359', '0000-01-01', '9999-12-31T23:59:59Z', '2024-02-30', '2024-1-1',
        '2024-01-01T24:00:00Z', '2024-01-01T10:20:30', '2024-01-01T10:20:30+2400', 'x', ''],
    duration: ['1d', '1h', '0ms', '-1ms', '1d2h3m4s5ms', '-1d', '90m', '106751991167d', '9223372036854775807ms', '-9223372036854775808ms',
        '106751991168d', '1h1d', '1.5h', 'd', 'x', ''],
};
const GOOD = { decimal: 8, ip: 13, datetime: 9, duration: 10 };
const PATTERNS = ['*', 'a*', '*b', '*a*', 'a\\*b', '', 'ab', '*数*', '**', 'a*b*c', '\\u{61}*', '?', '*\\n*'];

export function quote(text) {
    const named = { '\0': '\\0', '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' };
    return `"${[...text].map((c) => named[c] ?? c).join('')}"`;
}

// ---- Expressions of a type, as text

class Expressions {
    constructor(random, { wrong, longs }) {
        this.r = random;
        this.longs = longs;
        this.wrong = wrong; // the chance that an operand is of another type than is wanted
    }

    make(type, depth) {
        const r = this.r;
        if (r.chance(this.wrong)) type = r.pick([...SCALARS, 'set long', 'User', 'context']);
        if (depth > 0 && r.chance(0.08))
            return `(if ${this.make('bool', depth - 1)} then ${this.make(type, depth - 1)} else ${this.make(type, depth - 1)})`;
        if (depth > 0 && r.chance(0.03)) return `{v: ${this.make(type, depth - 1)}, w: ${this.make('long', 0)}}.v`;
        if (type.startsWith('set ')) return this.set(type.slice(4), depth);
        if (ENTITIES.includes(type) || type === 'Org::Level') return this.entity(type, depth);
        if (RECORDS.includes(type)) return this.record(type, depth);
        if (depth > 0 && r.chance(0.35)) return this.access(type, depth) ?? this[type](depth);
        return this[type](depth);
    }

    // An attribute of that type, of something that has one.
    access(type, depth) {
        const found = [];
        for (const [holder, shape] of Object.entries(SHAPES))
            for (const [name, of] of Object.entries(shape))
                if (of === type) found.push([holder, name.replace('?', '')]);
        if (found.length === 0) return null;
        const [holder, name] = this.r.pick(found);
        const base = this.make(holder, depth - 1);
        return /^[a-z]+$/.test(name) && this.r.chance(0.9) ? `${base}.${name}` : `${base}[${quote(name)}]`;
    }

    set(element, depth) {
        const r = this.r;
        if (depth > 0 && r.chance(0.4)) {
            const path = this.access(`set ${element}`, depth);
            if (path) return path;
        }
        const items = Array.from({ length: r.chance(0.05) ? 0 : 1 + r.below(3) }, () => this.make(element, Math.max(0, depth - 1)));
        return `[${items.join(', ')}${items.length > 0 && r.chance(0.1) ? ',' : ''}]`;
    }

    record(type, depth) {
        const r = this.r;
        if (type === 'context' || r.chance(0.2)) return 'context';
        const path = depth > 0 && r.chance(0.7) ? this.access(type, depth) : null;
        if (path) return path;
        const members = Object.entries(SHAPES[type]).filter(([name]) => !name.endsWith('?') || r.chance(0.7))
            .map(([name, of]) => `${quote(name.replace('?', ''))}: ${this.make(of, Math.max(0, depth - 1))}`);
        return `{${members.join(', ')}}`;
    }

    entity(type, depth) {
        const r = this.r;
        if (type === 'User' && r.chance(0.5)) return 'principal';
        if (type.startsWith('Org::') && type !== 'Org::Level' && r.chance(0.5)) return 'resource';
        const path = depth > 0 && r.chance(0.4) ? this.access(type, depth) : null;
        if (path) return path;
        return `${type}::${quote(r.pick(idsOf(type)))}`;
    }

    bool(depth) {
        const r = this.r;
        if (depth <= 0) return r.pick(['true', 'false', 'principal.active', '(principal == resource)', '(context has f)']);
        const sub = (type) => this.make(type, depth - 1);
        const holder = () => r.pick([...ENTITIES, ...RECORDS]);
        switch (r.below(17)) {
        case 0: return `(${sub('bool')} && ${sub('bool')}${r.chance(0.3) ? ` && ${sub('bool')}` : ''})`;
        case 1: return `(${sub('bool')} || ${sub('bool')}${r.chance(0.3) ? ` || ${sub('bool')}` : ''})`;
        case 2: return `!${r.chance(0.2) ? '!' : ''}(${sub('bool')})`;
        case 3: { const t = r.pick([...SCALARS, 'User', 'set long', 'set string', 'home']); return `(${sub(t)} ${r.pick(['==', '!='])} ${sub(t)})`; }
        case 4: { const t = r.pick(['long', 'long', 'datetime', 'duration']); return `(${sub(t)} ${r.pick(['<', '<=', '>', '>='])} ${sub(t)})`; }
        case 5: return `(${sub(r.pick(ENTITIES))} in ${r.chance(0.3) ? `[${sub(r.pick(ENTITIES))}, ${sub(r.pick(ENTITIES))}]` : sub(r.pick(ENTITIES))})`;
        case 6: return r.chance(0.5) ? `(action in Action::"${r.pick(ACTIONS)}")` : `(action in [Action::"${r.pick(ACTIONS)}", Action::"${r.pick(ACTIONS)}"])`;
        case 7: { const t = r.pick(ENTITIES); return `(${sub(r.pick(ENTITIES))} is ${t}${r.chance(0.4) ? ` in ${sub(r.pick(ENTITIES))}` : ''})`; }
        case 8: case 9: return this.guarded(holder(), depth);
        case 10: return `(${sub('string')} like "${r.pick(PATTERNS)}")`;
        case 11: { const t = r.pick(['long', 'string', 'User']); return `${sub(`set ${t}`)}.contains(${sub(t)})`; }
        case 12: { const t = r.pick(['long', 'string', 'User']); return `${sub(`set ${t}`)}.${r.pick(['containsAll', 'containsAny'])}(${sub(`set ${t}`)})`; }
        case 13: return `${sub(`set ${r.pick(['long', 'string'])}`)}.isEmpty()`;
        case 14: return `${sub('decimal')}.${r.pick(['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'])}(${sub('decimal')})`;
        case 15: return r.chance(0.4) ? `${sub('ip')}.isInRange(${sub('ip')})` : `${sub('ip')}.${r.pick(['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'])}()`;
        default: return this.tagged(depth);
        }
    }

    // `e has a && e.a ...`, or `has` alone, or a chain of it.
    guarded(holder, depth) {
        const r = this.r;
        const base = this.make(holder, depth - 1);
        const names = Object.keys(SHAPES[holder] ?? {});
        const key = names.length > 0 && r.chance(0.9) ? r.pick(names) : 'nonesuch';
        const name = key.replace('?', '');
        const of = SHAPES[holder]?.[key];
        const isPlain = /^[a-z]+$/.test(name);
        if (!isPlain || !of || r.chance(0.3)) return `(${base} has ${isPlain && r.chance(0.8) ? name : quote(name)})`;
        if (SHAPES[of] && r.chance(0.5)) {
            const inner = r.pick(Object.keys(SHAPES[of]).map((n) => n.replace('?', '')).filter((n) => /^[a-z]+$/.test(n)).concat('city'));
            return `(${base} has ${name}.${inner} && ${base}.${name}.${inner} == ${base}.${name}.${inner})`;
        }
        return `(${base} has ${name} && ${base}.${name} ${r.pick(['==', '!='])} ${this.make(of, depth - 1)})`;
    }

    tagged(depth) {
        const r = this.r;
        const type = r.pick(['User', 'Team', 'Org::Doc']);
        const base = this.make(type, depth - 1);
        const key = r.chance(0.8) ? quote(r.pick(['t', 'u', 'v'])) : this.make('string', depth - 1);
        if (r.chance(0.3)) return `${base}.hasTag(${key})`;
        const guard = r.chance(0.8) ? `${base}.hasTag(${key}) && ` : '';
        return `(${guard}${base}.getTag(${key}) == ${this.make(TAGS[type] ?? 'long', depth - 1)})`;
    }

    long(depth) {
        const r = this.r;
        if (depth <= 0 || r.chance(0.3)) return r.pick(this.longs);
        const sub = (type) => this.make(type, depth - 1);
        switch (r.below(5)) {
        case 0: return `(${sub('long')} ${r.pick(['+', '-', '*'])} ${sub('long')})`;
        case 1: return `-${r.chance(0.2) ? '-' : ''}(${sub('long')})`;
        case 2: return `${sub('duration')}.${r.pick(['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'])}()`;
        case 3: return r.pick(['principal.age', 'resource.size', 'context.n']);
        default: return r.pick(this.longs);
        }
    }

    string() { return quote(this.r.pick(STRINGS)); }

    // Mostly of a form that is read; the other forms are errors of evaluation.
    extension(name) {
        const list = EXTENSIONS[name];
        const text = this.r.chance(1 - this.wrong) ? list[this.r.below(GOOD[name])] : this.r.pick(list);
        return `${name}(${quote(text)})`;
    }

    decimal() { return this.extension('decimal'); }
    ip() { return this.extension('ip'); }

    datetime(depth) {
        const r = this.r;
        if (depth <= 0 || r.chance(0.6)) return this.extension('datetime');
        return r.chance(0.5) ? `${this.make('datetime', depth - 1)}.offset(${this.make('duration', depth - 1)})`
            : `${this.make('datetime', depth - 1)}.toDate()`;
    }

    duration(depth) {
        const r = this.r;
        if (depth <= 0 || r.chance(0.6)) return this.extension('duration');
        return r.chance(0.5) ? `${this.make('datetime', depth - 1)}.durationSince(${this.make('datetime', depth - 1)})`
            : `${this.make('datetime', depth - 1)}.toTime()`;
    }
}

// ---- Policies

const uid = (r, type) => ({ type, id: r.pick(idsOf(type)) });
const written = ({ type, id }) => `${type}::${quote(id)}`;
const PRINCIPALS = ['User', 'User', 'Team'];
const RESOURCES = ['Org::Doc', 'Org::Doc', 'Org::Folder'];

function scope(r, variable, types, slot) {
    const type = r.pick(types);
    const group = r.pick(variable === 'principal' ? ['Team', 'User'] : ['Org::Folder', 'Org::Doc']);
    if (slot) return `${variable} ${r.pick(['==', 'in', `is ${type} in`])} ?${variable}`;
    switch (r.below(14)) {
    case 0: return `${variable} == ${written(uid(r, type))}`;
    case 1: return `${variable} in ${written(uid(r, group))}`;
    case 2: return `${variable} is ${type}`;
    case 3: return `${variable} is ${type} in ${written(uid(r, group))}`;
    default: return variable;
    }
}

function actionScope(r) {
    const one = () => `Action::"${r.pick(ACTIONS)}"`;
    switch (r.below(12)) {
    case 0: return `action == ${one()}`;
    case 1: return `action in ${one()}`;
    case 2: return `action in [${r.several(3, one).join(', ')}]`;
    default: return 'action';
    }
}

// White space and comments change nothing.
function scatter(r, text) {
    if (r.chance(0.5)) return text;
    return text.split(/("(?:[^"\\]|\\.)*")/s).map((part, i) => (i % 2 ? part : part.replace(/ /g,
        () => (r.chance(0.2) ? r.pick(['\n', '  ', '\t', ' // why "not"; }\n', '\r\n', ' // 注\n\n']) : ' ')))).join('');
}

function policy(r, id, isTemplate, manner) {
    const e = new Expressions(r, manner);
    const slots = isTemplate ? r.pick([[true, false], [false, true], [true, true]]) : [false, false];
    const notes = r.chance(0.2) ? `@note(${quote(r.pick(STRINGS))}) ` : r.chance(0.1) ? '@if ' : '';
    const clauses = Array.from({ length: r.pick([0, 1, 1, 1, 1, 2, 2, 3]) }, () => `${r.pick(['when', 'when', 'unless'])} { ${e.make('bool', 1 + r.below(manner.depth))} }`);
    const text = `@id(${quote(id)}) ${notes}${r.pick(['permit', 'permit', 'permit', 'permit', 'forbid'])} ( ${scope(r, 'principal', PRINCIPALS, slots[0])}, `
        + `${actionScope(r)}, ${scope(r, 'resource', RESOURCES, slots[1])}${r.chance(0.1) ? ',' : ''} ) ${clauses.join(' ')} ;`;
    return { id, text: scatter(r, text), isTemplate, slots };
}

function policies(r, manner) {
    const list = [], links = [];
    const count = 1 + r.below(5);
    for (let i = 0; i < count; i++) {
        const made = policy(r, `p${i}`, r.chance(0.2), manner);
        list.push(made);
        for (let k = made.isTemplate ? r.below(3) : 0; k > 0; k--) {
            const link = { template: made.id, id: `${made.id}.${k}` };
            if (made.slots[0]) link.principal = uid(r, r.pick(PRINCIPALS));
            if (made.slots[1]) link.resource = uid(r, r.pick(RESOURCES));
            links.push(link);
        }
    }
    return { list, links };
}

// ---- Data: `flaw` is the chance that a value is of another type, or a member missing or too much

function value(r, type, flaw) {
    if (r.chance(flaw)) type = r.pick(SCALARS); // of another type
    if (type.startsWith('set ')) return r.several(3, () => value(r, type.slice(4), flaw));
    const isBare = r.underSchema && r.chance(0.3); // which says what it is, so that no escape is needed
    if (SHAPES[type] && (ENTITIES.includes(type) || type === 'Org::Level')) return isBare ? uid(r, type) : { __entity: uid(r, type) };
    if (SHAPES[type]) return members(r, type, flaw);
    switch (type) {
    case 'bool': return r.chance(0.5);
    case 'long': return r.pick([0, 1, -1, 2, 3, 7, 42, 100, 9007199254740991, -9007199254740991]);
    case 'string': return r.pick(STRINGS);
    default: {
        const arg = EXTENSIONS[type][r.below(GOOD[type])];
        return isBare ? r.pick([arg, { fn: type, arg }]) : { __extn: { fn: type, arg } };
    }
    }
}

function members(r, type, flaw) {
    const record = {};
    for (const [name, of] of Object.entries(SHAPES[type]))
        if (r.chance(name.endsWith('?') ? 0.5 : 1 - flaw * 1.5)) record[name.replace('?', '')] = value(r, of, flaw);
    if (r.chance(flaw / 3)) record.more = 1;
    return record;
}

// An entity's parents are of those that come behind it, so that there is no circle.
function entities(r, flaw) {
    const all = [];
    for (const type of ENTITIES) for (const id of idsOf(type)) if (r.chance(0.6)) all.push({ type, id });
    const groups = (u) => (u.type.startsWith('Org::') ? 'Org::Folder' : 'Team');
    const list = all.map((u, i) => {
        const above = all.filter((v, j) => v.type === groups(u) && (u.type !== v.type || j > i));
        const entity = { uid: u, attrs: members(r, u.type, flaw), parents: above.filter(() => r.chance(0.25)) };
        if (r.chance(0.1)) entity.parents.push({ type: r.chance(flaw) ? 'User' : groups(u), id: 'unstored' });
        if (TAGS[u.type]) entity.tags = Object.fromEntries(['t', 'u', 'v'].filter(() => r.chance(0.4)).map((k) => [k, value(r, TAGS[u.type], flaw)]));
        return entity;
    });
    const action = (id, parents) => ({ uid: { type: 'Action', id }, attrs: {}, parents: parents.map((p) => ({ type: 'Action', id: p })) });
    return [...list, action('any', []), action('view', ['any']), action('read', ['view']), action('write', ['view']), action('edit', ['any'])];
}

// ---- Cases

// Deletes, doubles, swaps or replaces one word of a text, which is then mostly no policy any more.
function damage(r, whole) {
    const start = whole.indexOf(')') + 1; // behind @id("p0"), by which the policy is known
    const words = whole.slice(start).split(/("(?:[^"\\]|\\.)*"|[A-Za-z_]+|::|&&|\|\||[=!<>]=|\s+|.)/s).filter((w) => w);
    const at = r.below(words.length);
    switch (r.below(4)) {
    case 0: words.splice(at, 1); break;
    case 1: words.splice(at, 0, words[at]); break;
    case 2: words.splice(at, 1, r.pick(words)); break;
    default: words.splice(at, 1, r.pick(['(', ')', '{', '}', '[', ']', ',', ';', '.', '::', '==', '=', '!', '-', '*', '/', '%', '<', 'in', 'is',
        'has', 'like', 'if', 'then', 'else', 'true', '?principal', '?x', '@', '"', '"\\q"', '9223372036854775808', '00', '__cedar', 'Ä', "'", '#']));
    }
    return whole.slice(0, start) + words.join('');
}

/** kind: 'answer', 'data' (which must be of the schema), 'json' (of which the reference is to answer our JSON), 'damaged' or 'valid'. */
export function makeCase(seed, nth) {
    const r = new Random(seed, nth);
    const kind = { 6: 'data', 7: 'json', 8: 'damaged', 9: 'valid' }[nth % 10] ?? 'answer';
    // JSON goes through JavaScript, which has no integers beyond 2^53.
    const manner = kind === 'valid' ? { wrong: 0.01, depth: 3, longs: LONGS } : { wrong: 0.03, depth: 4, longs: kind === 'json' ? SMALL : LONGS };
    const { list, links } = policies(r, manner);
    if (kind === 'valid') return { kind, list: list.slice(0, 1), links: [], schema };
    if (kind === 'damaged') {
        const made = policy(r, 'p0', false, manner);
        list.splice(0, list.length, { ...made, text: damage(r, made.text) });
        links.length = 0;
    }
    r.underSchema = kind === 'data';
    const flaw = r.underSchema ? 0.004 : 0.03;
    const request = { principal: uid(r, r.pick(PRINCIPALS)), action: { type: 'Action', id: r.pick(ACTIONS) },
        resource: uid(r, r.pick(RESOURCES)), context: members(r, 'context', flaw) };
    return { kind, list, links, entities: entities(r, flaw), request, ...(kind === 'data' && { schema }) };
}
