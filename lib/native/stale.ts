/**
 * Tells whether a prebuilt module belongs to the native sources beside it. Place in the whole: `npm run prebuilds` writes
 * the sources' digest beside the modules; the loader compares it in a checkout, where sources change. An installed package
 * is packed together with its modules and is not checked.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES: readonly string[] = ['CMakeLists.txt', 'cmake', 'cuda', 'native']
const DIGEST_FILE = join('prebuilds', 'sources.sha256')

/** SHA-256 over the names and contents of everything that goes into the module (not what is for tests only). */
export function sourcesDigest(root: string): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    const absolute = join(root, path)
    if (statSync(absolute).isDirectory()) {
      for (const name of readdirSync(absolute).sort()) visit(`${path}/${name}`)
    } else if (!path.startsWith('native/reference/') && !path.startsWith('cuda/sim/')) {
      hash.update(`${path}\0`).update(readFileSync(absolute)).update('\0')
    }
  }
  for (const path of SOURCES) visit(path)
  return hash.digest('hex')
}

/** Where the digest of the sources that the modules in prebuilds/ were made from is kept. */
export const digestPath = (root: string): string => join(root, DIGEST_FILE)

/** True when prebuilds/ says that it was made from other sources than those under `root`. */
export function isStalePrebuild(root: string): boolean {
  let recorded: string
  try {
    recorded = readFileSync(digestPath(root), 'utf8').trim()
  } catch {
    return false // made elsewhere and put here by hand
  }
  return recorded !== sourcesDigest(root)
}
