// Checks app manifests against Microsoft's own schema of the version that each says it has.
// node manifest.mjs FILE…  → "ok N", or each file that is wrong with what is wrong about it
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const Ajv = require('ajv-draft-04').default
const formats = require('ajv-formats').default
const schemas = join(dirname(require.resolve('@microsoft/app-manifest')), 'json-schemas/teams')

let wrong = 0
for (const file of process.argv.slice(2)) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const schema = JSON.parse(
    readFileSync(join(schemas, `v${manifest.manifestVersion}/MicrosoftTeams.schema.json`), 'utf8'),
  )
  const ajv = new Ajv({ strict: false, allErrors: true })
  formats(ajv)
  if (!ajv.validate(schema, manifest)) {
    wrong += 1
    console.log(basename(file), JSON.stringify(ajv.errors))
  }
}
if (!wrong) console.log(`ok ${process.argv.length - 2}`)
process.exitCode = wrong ? 1 : 0
