// Every policy under law/ passes strict validation against law/polder.cedarschema, by the reference
// implementation of Cedar. Skipped where that package is not installed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const law = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'law');
const schema = readFileSync(join(law, 'polder.cedarschema'), 'utf8');

let cedar = null;
try {
    cedar = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs');
} catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
}
const skip = cedar ? false : '@cedar-policy/cedar-wasm is not installed (script/bootstrap installs it)';

function validate(staticPolicies) {
    const answer = cedar.validate({
        validationSettings: { mode: 'strict' },
        schema,
        policies: { staticPolicies },
    });
    if (answer.type !== 'success') return answer.errors.map((e) => e.message);
    return [...answer.validationErrors, ...answer.validationWarnings].map(
        (e) => `${e.policyId}: ${e.error.message}`);
}

const packs = readdirSync(law)
    .filter((name) => statSync(join(law, name)).isDirectory())
    .flatMap((folder) => readdirSync(join(law, folder))
        .filter((name) => name.endsWith('.cedar'))
        .map((name) => join(folder, name)));

test('there are packs to validate', () => assert.ok(packs.length > 0));

for (const pack of packs)
    test(`law/${pack} passes strict validation`, { skip }, () => {
        assert.deepEqual(validate(readFileSync(join(law, pack), 'utf8')), []);
    });

// So that a silent validator can't let everything pass.
const faulty = {
    'an action that the schema lacks':
        'forbid (principal, action == Polder::Action::"publish", resource);',
    'a fact read without has':
        'forbid (principal, action == Polder::Action::"open", resource) when { context.f.is_personal };',
    'a code that the enum lacks':
        'forbid (principal, action == Polder::Action::"open", resource)' +
        ' when { context.f has level && context.f.level == Polder::Level::"secret" };',
    'a measured fact read as an attested one':
        'forbid (principal, action == Polder::Action::"open", resource)' +
        ' when { context.a has k && context.a.k < 5 };',
};
for (const [what, text] of Object.entries(faulty))
    test(`validation finds ${what}`, { skip }, () => assert.notDeepEqual(validate(text), []));
