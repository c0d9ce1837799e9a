// Verifies that a leaf is in a log, without Polder: node verify-proof.mjs PROOF LEAF VKEY-FILE [ANCHOR-PROOF]
// With an ANCHOR-PROOF (its leaf in ANCHOR-PROOF.leaf) the key is that of the public log, and the proof has two steps: the
// anchor is in the public log, and the leaf in the shard that the anchor names.
// Formats: c2sp.org/tlog-proof, tlog-checkpoint, signed-note; trees: RFC 6962, proofs: RFC 9162 2.1.3.2.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [proof, leaf, vkey, anchor] = process.argv.slice(2);
const read = (path) => readFileSync(path);
const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest();
const demand = (holds, what) => {
    if (holds) return;
    console.error(`not proven: ${what}`);
    process.exit(1);
};

// The key: "name+id+base64(1 || Ed25519 key)".
const [, name, id, base64] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)\s*$/.exec(read(vkey)) ?? [];
demand(name, 'the key is not of the form NAME+ID+KEY');
const raw = Buffer.from(base64, 'base64');
demand(raw.length === 33 && raw[0] === 1, 'the key is not an Ed25519 key');
demand(sha256(name, '\n', raw).subarray(0, 4).toString('hex') === id, 'the key\'s id is not its own');
const key = createPublicKey({ format: 'der', type: 'spki',
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]) });

// A proof: a header, an index, hashes; an empty line; the signed checkpoint: origin, size, root.
function open(path) {
    const text = read(path).toString();
    const lines = text.slice(0, text.indexOf('\n\n')).split('\n');
    const note = text.slice(text.indexOf('\n\n') + 2);
    demand(lines.shift() === 'c2sp.org/tlog-proof@v1', `${path} is no tlog-proof`);
    if (lines[0]?.startsWith('extra ')) lines.shift();
    const index = BigInt(/^index (\d+)$/.exec(lines.shift())?.[1] ?? -1);
    const signed = note.slice(0, note.lastIndexOf('\n\n') + 1), [origin, size, root] = signed.split('\n');
    return { index, path: lines.map((line) => Buffer.from(line, 'base64')), signed, signatures: note.slice(signed.length + 1), origin, size, root };
}

function demandSigned(p) {
    demand(p.signatures.split('\n').some((line) => {
        const [dash, signer, signature] = line.split(' ');
        const bytes = Buffer.from(signature ?? '', 'base64');
        return dash === '\u2014' && signer === name && bytes.subarray(0, 4).toString('hex') === id &&
            verify(null, Buffer.from(p.signed), key, bytes.subarray(4));
    }), 'the checkpoint is not signed by this key');
    demand(p.origin === name, 'the checkpoint is of another log');
}

// The way from the leaf to the root.
function demandInclusion(p, leaf) {
    let hash = sha256(Buffer.from([0]), leaf);
    let fn = p.index, sn = BigInt(p.size) - 1n;
    demand(fn >= 0n && fn <= sn, 'the log has no leaf of that index');
    for (const h of p.path) {
        demand(sn !== 0n && h.length === 32, 'the path is too long');
        if (fn % 2n === 1n || fn === sn) {
            hash = sha256(Buffer.from([1]), h, hash);
            while (fn % 2n === 0n && fn !== 0n) { fn /= 2n; sn /= 2n; }
        } else {
            hash = sha256(Buffer.from([1]), hash, h);
        }
        fn /= 2n;
        sn /= 2n;
    }
    demand(sn === 0n && hash.toString('base64') === p.root, 'the path does not lead to the signed root');
}

const first = open(proof);
if (anchor) {
    const second = open(anchor), bytes = read(`${anchor}.leaf`), { verb, log } = JSON.parse(bytes);
    demandSigned(second);
    demandInclusion(second, bytes);
    demand(verb === 'anchor' && log, 'the second leaf is no anchor');
    demand(log.origin === first.origin && log.size === first.size && Buffer.from(log.root, 'hex').toString('base64') === first.root,
        'the anchor is of another checkpoint');
} else {
    demandSigned(first);
}
demandInclusion(first, read(leaf));
console.log(`proven: leaf ${first.index} of the ${first.size} leaves of ${first.origin}${anchor ? `, as ${name} says` : ''}`);
