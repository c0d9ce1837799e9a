// What the black-box tests share: the program, temporary folders, a node, tables, and the ledger's
// mathematics written again from RFC 6962 so that nothing is checked with the code under test.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const polder = resolve(process.env.POLDER ?? 'build/polder');
export const isFast = Boolean(process.env.POLDER_FAST);

// sysexits.h, as src/base/error.c gives them out.
export const EX = { OK: 0, USAGE: 64, DATAERR: 65, NOINPUT: 66, UNAVAILABLE: 69, SOFTWARE: 70,
    IOERR: 74, TEMPFAIL: 75, NOPERM: 77, CONFIG: 78 };

// ---- Which database: SQLite, or PostgreSQL where POLDER_TEST_DATABASE says (tests/postgres.py starts one)

export const server = process.env.POLDER_TEST_DATABASE || null;
const databases = new Map(); // data folder -> location

export function psql(location, text) {
    const done = spawnSync('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', location],
        { input: text, encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim();
}

// A database of its own for each node, a copy of `original` if that is given.
export function database(data, original = null) {
    if (!databases.has(data)) {
        const name = `t${randomBytes(8).toString('hex')}`;
        psql(server, `CREATE DATABASE ${name} TEMPLATE ${original?.split('/').pop() ?? 'template0'} STRATEGY file_copy`);
        databases.set(data, server.replace(/[^/]*$/, name));
    }
    return databases.get(data);
}

function dropBelow(folder) {
    for (const [data, location] of databases)
        if (data.startsWith(folder)) {
            psql(server, `DROP DATABASE IF EXISTS ${location.split('/').pop()} WITH (FORCE)`);
            databases.delete(data);
        }
}

// Every file runs on both databases: a node that is founded on PostgreSQL gets --database.
export function placed(args) {
    if (!server || args[0] !== 'init' || !args.includes('--data') || args.includes('--database')) return args;
    return [...args, '--database', database(args[args.indexOf('--data') + 1])];
}

// A copy of a node, with its database.
export function copyNode(from, to) {
    cpSync(from, to, { recursive: true, preserveTimestamps: true });
    if (!existsSync(join(from, 'database'))) return;
    const [location, id] = readFileSync(join(from, 'database'), 'utf8').split('\n');
    writeFileSync(join(to, 'database'), `${database(to, location)}\n${id}\n`);
}

// What `polder verify` saw of a node is kept beside it: nodes of tests are copies of each other, forks of one log.
function environment(args) {
    const at = args.indexOf('--data');
    return at < 0 || !args[at + 1] ? process.env : { ...process.env, XDG_STATE_HOME: `${resolve(String(args[at + 1]))}.state` };
}

export function run(args, options = {}) {
    const done = spawnSync(options.program ?? polder, placed(args).map(String),
        { input: '', encoding: 'utf8', maxBuffer: 1 << 28, timeout: 300000, env: environment(args), ...options });
    if (done.error && done.error.code !== 'EPIPE') throw done.error;
    return { code: done.status, signal: done.signal, out: done.stdout, err: done.stderr };
}

// Runs and insists on the exit code (or one of a list): what the program said stands in the failure.
export function expect(code, args, options) {
    const got = run(args, options);
    assert.ok([code].flat().includes(got.code),
        `polder ${args.join(' ').slice(0, 300)}\nended with ${got.code ?? got.signal}, not ${code}\n${got.err}\n${got.out?.slice(-2000)}`);
    if (got.code !== EX.OK && !got.out)
        assert.match(got.err, /^polder: \S/m, 'a refusal is a sentence on stderr');
    return got;
}

// What is owed at the end of a test, the last begun first: a server ends before its folder goes. The runner's own hooks
// run first to last and stop at one that fails, which would leave a server, and with it the test, running for ever.
const owed = new Map();
export function atEnd(t, end) {
    if (owed.has(t)) {
        owed.get(t).push(end);
        return;
    }
    owed.set(t, [end]);
    t.after(async () => {
        const failures = [];
        for (const one of owed.get(t).reverse()) {
            try {
                await one();
            } catch (failure) {
                failures.push(failure);
            }
        }
        owed.delete(t);
        if (failures.length) throw failures[0];
    });
}

export function temporary(t) {
    const folder = mkdtempSync(join(tmpdir(), 'polder-test-'));
    atEnd(t, () => {
        rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
        dropBelow(folder);
    });
    return folder;
}

export function write(folder, name, content) {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
}

const FOUNDING = ['--origin', 'test.polder.example', '--law', 'cn',
    '--party', 'transport', '--party', 'health', '--party', 'acme:enterprise:company',
    '--member', 'transport/lin:steward', '--member', 'transport/wang:owner', '--member', 'health/zhao:steward'];

// Founds a node once in this process and copies it for each test: founding is tested in init.test.
let founded = null;
export function node(t) {
    const folder = temporary(t);
    const data = join(folder, 'node');
    if (!founded) {
        const around = mkdtempSync(join(tmpdir(), 'polder-node-'));
        process.on('exit', () => {
            rmSync(around, { recursive: true, force: true });
            dropBelow(around);
        });
        expect(EX.OK, ['init', '--data', join(around, 'node'), ...FOUNDING]);
        founded = join(around, 'node');
    }
    copyNode(founded, data);
    return { folder, data };
}

// A node as a Polder of before there were shards left it (schema 5): two logs, an act of each kind, law with duties
// (cn.x.duty) in force. Nobody's data; its keys open nothing else.
export function oldNode(t) {
    const folder = temporary(t), data = join(folder, 'node');
    execFileSync('tar', ['-xzf', 'tests/nodes/schema-5.tar.gz', '-C', folder]);
    return { folder, data };
}

export function request(file, data, verb, ...more) {
    return ['govern', file, '--data', data, '--party', 'transport', '--member', 'lin', '--title', 'A table',
        '--for', verb, '--purpose', 'statistics', '--basis', 'public_task', ...more];
}

// ---- Tables

// A table about nobody: its columns narrow no person down.
export function plainTable(rows = 60) {
    const lines = ['line,colour,length_km'];
    for (let i = 0; i < rows; i++) lines.push(`L${i % 7},${['red', 'green', 'blue'][i % 3]},${(i % 11) + 0.5}`);
    return lines.join('\n') + '\n';
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// GB 11643: 17 digits and the check character of ISO 7064 MOD 11-2.
export function residentId(area, birth, sequence) {
    const body = `${area}${birth}${String(sequence).padStart(3, '0')}`;
    const sum = [...body].reduce((s, d, i) => s + Number(d) * WEIGHTS[i], 0);
    return body + '10X98765432'[sum % 11];
}

// A table about persons: an identifier, what narrows down, and a figure. Nobody in it was ever born.
export function personsTable(rows = 400) {
    const lines = ['resident_id,sex,birth_date,district,trips'];
    for (let i = 0; i < rows; i++) {
        const year = 1912 + (i * 7) % 18, month = String(1 + (i * 5) % 12).padStart(2, '0');
        const day = String(1 + (i * 3) % 28).padStart(2, '0');
        lines.push([residentId(i % 2 ? '440303' : '440305', `${year}${month}${day}`, 900 + (i % 99)),
            i % 2 ? 'female' : 'male', `${year}-${month}-${day}`, i % 4 < 2 ? 'Luohu' : 'Nanshan', i % 9].join(','));
    }
    return lines.join('\n') + '\n';
}

// ---- What the database says, by another program

export function sql(data, text) {
    if (existsSync(join(data, 'database'))) return psql(readFileSync(join(data, 'database'), 'utf8').split('\n')[0], text);
    const done = spawnSync('sqlite3', ['-bail', '-cmd', '.timeout 5000', join(data, 'polder.db')],
        { input: text, encoding: 'utf8', maxBuffer: 1 << 28 }); // rules are longer than an argument may be
    assert.equal(done.status, 0, done.stderr);
    return done.stdout.trim();
}

// What the two say differently. `column` holds bytes.
export const said = server ? {
    hex: (column) => `encode(${column}, 'hex')`,
    text: (column) => `convert_from(${column}, 'UTF8')`,
    bytes: (expression) => `convert_to(${expression}, 'UTF8')`,
    literal: (hex) => `'\\x${hex}'::bytea`,
    withoutKeys: "SET session_replication_role = replica;", // foreign keys aren't looked at
} : {
    hex: (column) => `hex(${column})`,
    text: (column) => `CAST(${column} AS TEXT)`,
    bytes: (expression) => `CAST(${expression} AS BLOB)`,
    literal: (hex) => `x'${hex}'`,
    withoutKeys: 'PRAGMA foreign_keys = OFF;',
};

// All bytes that the database holds, to look for what it must not.
export function stored(data) {
    if (!existsSync(join(data, 'database'))) return readFileSync(join(data, 'polder.db'));
    const location = readFileSync(join(data, 'database'), 'utf8').split('\n')[0];
    const done = spawnSync('pg_dump', ['--data-only', location], { maxBuffer: 1 << 28 });
    assert.equal(done.status, 0, String(done.stderr));
    const hex = done.stdout.toString('latin1').matchAll(/\\\\x([0-9a-f]+)/g);
    return Buffer.concat([done.stdout, ...[...hex].map((m) => Buffer.from(m[1], 'hex'))]);
}

// How many leaves aren't in their log's tree yet.
export const PENDING = 'SELECT COUNT(*) FROM leaf f WHERE f.leaf_index IS NULL OR f.leaf_index >= (SELECT size FROM log WHERE name = f.log)';

// The leaves of a log as they are stored, by their index; of a node on either database.
export function leavesOf(data, log) {
    const bytes = existsSync(join(data, 'database')) ? "encode(bytes, 'hex')" : 'hex(bytes)';
    const hex = sql(data, `SELECT ${bytes} FROM leaf WHERE log = '${log}' AND leaf_index IS NOT NULL ORDER BY leaf_index`);
    return hex.split('\n').filter(Boolean).map((h) => Buffer.from(h, 'hex'));
}

export function actCount(data) {
    return Number(sql(data, 'SELECT COUNT(*) FROM act'));
}

// The node is whole: nothing is half-stored.
export function whole(data) {
    expect(EX.OK, ['verify', '--data', data]);
}

// A refusal leaves the node as it was. `args` may fail in any way but the exit code must be `code`.
export function refused(data, code, args, pattern, options) {
    const before = actCount(data);
    const got = expect(code, args, options);
    assert.match(got.err, pattern);
    assert.equal(actCount(data), before, 'the refusal made no act');
    whole(data);
    return got;
}

// ---- RFC 6962 and the C2SP formats, written from their texts

const sha256 = (...parts) => {
    const h = createHash('sha256');
    for (const p of parts) h.update(p);
    return h.digest();
};
export const hashLeaf = (entry) => sha256(Buffer.from([0]), entry);
export const hashNode = (left, right) => sha256(Buffer.from([1]), left, right);

// MTH(D[n]) of section 2.1, by its recursive definition.
export function treeRoot(hashes) {
    if (hashes.length === 0) return sha256('');
    if (hashes.length === 1) return hashes[0];
    let k = 1;
    while (2 * k < hashes.length) k *= 2;
    return hashNode(treeRoot(hashes.slice(0, k)), treeRoot(hashes.slice(k)));
}

// RFC 9162, 2.1.3.2.
export function rootFromInclusion(index, size, leaf, proof) {
    assert.ok(index < size);
    let fn = BigInt(index), sn = BigInt(size) - 1n, r = leaf;
    for (const p of proof) {
        assert.notEqual(sn, 0n, 'the proof is too long');
        if (fn & 1n || fn === sn) {
            r = hashNode(p, r);
            if (!(fn & 1n)) do { fn >>= 1n; sn >>= 1n; } while (!(fn & 1n) && fn !== 0n);
        } else {
            r = hashNode(r, p);
        }
        fn >>= 1n;
        sn >>= 1n;
    }
    assert.equal(sn, 0n, 'the proof is too short');
    return r;
}

// RFC 9162, 2.1.4.2; true if the tree of `to` leaves extends that of `from`.
export function isConsistent(from, to, oldRoot, newRoot, proof) {
    if (from === to) return proof.length === 0 && oldRoot.equals(newRoot);
    const path = [...proof];
    if ((from & (from - 1)) === 0) path.unshift(oldRoot);
    let fn = BigInt(from) - 1n, sn = BigInt(to) - 1n;
    while (fn & 1n) { fn >>= 1n; sn >>= 1n; }
    if (path.length === 0) return false;
    let fr = path[0], sr = path[0];
    for (const c of path.slice(1)) {
        if (sn === 0n) return false;
        if (fn & 1n || fn === sn) {
            fr = hashNode(c, fr);
            sr = hashNode(c, sr);
            while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
        } else {
            sr = hashNode(sr, c);
        }
        fn >>= 1n;
        sn >>= 1n;
    }
    return sn === 0n && fr.equals(oldRoot) && sr.equals(newRoot);
}

// C2SP signed-note: "name+id+base64(0x01 || public key)".
export function parseVkey(text) {
    const [, name, id, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
    const bytes = Buffer.from(base64, 'base64');
    assert.equal(bytes.length, 33);
    assert.equal(bytes[0], 1, 'Ed25519');
    assert.equal(sha256(name, '\n', bytes).subarray(0, 4).toString('hex'), id, 'the id belongs to the name and key');
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1)]);
    return { name, id: Buffer.from(id, 'hex'), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

// The text of a note if its signature by `vkey` holds; else throws.
export function openNote(note, vkey) {
    const cut = note.lastIndexOf('\n\n');
    assert.ok(cut >= 0, 'a note has an empty line');
    const text = note.slice(0, cut + 1);
    const lines = note.slice(cut + 2).split('\n').filter(Boolean);
    for (const line of lines) {
        const [, name, base64] = /^\u2014 (\S+) (\S+)$/.exec(line);
        const bytes = Buffer.from(base64, 'base64');
        if (name !== vkey.name || !bytes.subarray(0, 4).equals(vkey.id)) continue;
        assert.ok(verify(null, Buffer.from(text), vkey.key, bytes.subarray(4)), 'the signature holds');
        return text;
    }
    assert.fail(`no signature by ${vkey.name}`);
}

export function parseCheckpoint(text) {
    const [origin, size, root] = text.split('\n');
    assert.match(size, /^(0|[1-9][0-9]*)$/);
    return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

// C2SP tlog-proof: throws unless `leaf` is in the log that `vkeyText` signs.
export function checkProof(proof, leaf, vkeyText) {
    const vkey = parseVkey(vkeyText);
    const cut = proof.indexOf('\n\n');
    const [header, ...lines] = proof.slice(0, cut).split('\n');
    assert.equal(header, 'c2sp.org/tlog-proof@v1');
    if (lines[0].startsWith('extra ')) lines.shift();
    const index = Number(/^index (0|[1-9][0-9]*)$/.exec(lines.shift())[1]);
    const hashes = lines.map((line) => Buffer.from(line, 'base64'));
    const checkpoint = parseCheckpoint(openNote(proof.slice(cut + 2), vkey));
    assert.equal(checkpoint.origin, vkey.name);
    const root = rootFromInclusion(index, checkpoint.size, hashLeaf(leaf), hashes);
    assert.ok(root.equals(checkpoint.root), 'the path leads to the signed root');
    return { index, ...checkpoint };
}
