// A small folder of law for tests: the program's own registry, schema and node, and the pack "nl".
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const LAW = new URL('../../law', import.meta.url).pathname;

export const MANIFEST = (jurisdiction, asOf = '2026-06-01') => JSON.stringify({ manifest: 1, jurisdiction, rank: 'statute',
    title: { en: 'Test law', zh: '测试' }, as_of: asOf });

export const policy = (id, annotations, body) => `@id("${id}")\n@law("Act on Tests")\n@article("${id.split('.')[2]}")\n`
    + `@jurisdiction("${id.split('.')[0]}")\n@title("Title of ${id}")\n@title_zh("标题")\n@source("none")\n`
    + `${/@v\(/.test(annotations) ? '' : '@v("verified: T")\n'}${annotations}${annotations ? '\n' : ''}${body}\n`;

// Two refusals of publication, of which the second stands from memory and began in 2025, a duty, and an exemption.
export const STATUTE = policy('nl.act.1', '@remedy("drop(direct)+kanon(quasi;k=t.k)|consent(separate)")',
    'forbid (principal, action == Polder::Action::"open", resource)\n'
    + 'unless { context.a has is_personal && !context.a.is_personal }\n'
    + 'unless { context.a has separate_consent && context.a.separate_consent };')
    + policy('nl.act.2', '@v("from memory")\n@effective("2025-01-01")\n@remedy("mask(direct)|approve(authority)")',
        'forbid (principal, action == Polder::Action::"open", resource)\n'
        + 'when { if context.f has is_personal then context.f.is_personal else true }\n'
        + 'unless { context.a has authority_approval && context.a.authority_approval };')
    + policy('nl.act.2.duty', '@obligation("record(keep=3y)")',
        'permit (principal, action == Polder::Action::"open", resource)\n'
        + 'when { if context.f has is_personal then context.f.is_personal else true };')
    + policy('nl.act.3', '@exempts("nl.act.2")', 'permit (principal, action == Polder::Action::"open", resource)\n'
        + 'when { context.a has is_aggregate && context.a.is_aggregate };');

// Writes the folder `name` below `around` with files of the pack ("CASES.md": text), and returns its path.
export function pack(around, files = {}, name = 'law') {
    const folder = join(around, name);
    mkdirSync(join(folder, 'nl'), { recursive: true });
    for (const part of ['facts.json', 'polder.cedarschema', 'node']) cpSync(join(LAW, part), join(folder, part), { recursive: true });
    for (const [file, text] of Object.entries({ 'manifest.json': MANIFEST('nl'), 'act.cedar': STATUTE, ...files }))
        writeFileSync(join(folder, 'nl', file), text);
    return folder;
}
