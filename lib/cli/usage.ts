// Exit codes and the error of a wrong command line. Place in the whole: shared by the commands of lib/cli.
import { SinterError } from '../errors.js'

export const FAILED = 1
export const MISUSED = 2

/** A command line that cannot be understood; exits with 2. */
export class UsageError extends SinterError {
  constructor(message: string) {
    super('SINTER_USAGE', message)
  }
}
