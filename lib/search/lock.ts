// One writer at a time. Place in the whole: beside a journal, so that two searches do not write to one. It holds on one machine; a process
// that was killed leaves its lock, which the next one takes over.
import { open, readFile, rm } from 'node:fs/promises'
import { SinterError } from '../errors.js'

/**
 * Takes the lock `path`, a file with the number of this process; returns what gives it back.
 * @throws SinterError SINTER_SEARCH_JOURNAL while a process that lives has it
 */
export async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return async () => await rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (isAlive(holder)) {
      const message = `${path}: process ${holder} is searching here: wait for it, or choose another folder`
      throw new SinterError('SINTER_SEARCH_JOURNAL', `${message} (if it is another program, remove the file)`)
    }
    await rm(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
